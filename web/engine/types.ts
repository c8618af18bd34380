/** The inputs and outputs of the engine. */

/** The bytes of a file, in any JavaScript form. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Pixels of 8 bits per channel, in rows from top to bottom, such as an ImageData. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  /** 1 for gray, 3 for RGB, 4 for RGBA (the default). */
  channels?: 1 | 3 | 4;
  /** The bytes from row to row; width * channels by default. */
  stride?: number;
}

/** A constraint on texts: docs/constraints.md. */
export interface Limits {
  /** The only characters that it may have, such as "0-9.,-". */
  allow?: string;
  /** Its form, such as "DD/DD/DDDD". */
  pattern?: string;
  /** The check that it must pass: "luhn", "iban", "mrz", "ean" or "date". */
  check?: string;
}

/** The files of a reader. */
export interface Files {
  /** NAME.bit */
  model: Bytes;
  /** page.bit, which finds the lines of pages. Without it, you can only read single lines. */
  detector?: Bytes;
  /** NAME.ngram and NAME.words, for the model's language. */
  ngram?: Bytes;
  wordList?: Bytes;
}

export interface ReaderOptions extends Limits {
  /** The model's name, for Page.model. */
  name?: string;
  /** More words that you expect. */
  words?: readonly string[];
  /** The width of the beam search, 16 by default. 0 takes the best character of each step, without words or n-grams. */
  beam?: number;
  /** Reads lines with less confidence again: 0.8 by default if the model is calibrated. 0 reads each line once. */
  reread?: number;
}

export interface PageOptions extends Limits {
  /** Leaves out lines whose characters have a lower mean score: 0.6 by default. 0 leaves none out. */
  minScore?: number;
  /** The text is turned by at most 45 degrees. */
  upright?: boolean;
  /** How much to enlarge the image to look for text, 0.05 to 4. By default it follows from the height of the text. */
  scale?: number;
  /** The value of Page.path, such as the image's name. */
  path?: string;
}

/** The reading of an image of one line, as in `bitocr read --line --json`. */
export interface Line {
  text: string;
  /** The probability that the text is right, ignoring case and spaces. */
  confidence: number;
  /** How many degrees the text is turned clockwise: 0, 90, 180 or 270. */
  angle: number;
  chars: LineChar[];
}

export interface LineChar {
  char: string;
  /** From 0 to 1. */
  score: number;
  /** The x of its middle, in pixels of the image. */
  x: number;
}

export type Point = [x: number, y: number];

/** Four corners in pixels of the image, clockwise from the text's own top left. */
export type Quad = [Point, Point, Point, Point];

/** A page, as in `bitocr read --json`: src/bitocr/formats/page.schema.json. */
export interface Page {
  schema: 1;
  path: string;
  width: number;
  height: number;
  /** How many degrees the text is turned clockwise. */
  angle: number;
  /** How much the image was enlarged to look for text. */
  scale: number;
  model: string;
  /** A tab separates cells of a row, a line feed rows, and an empty line paragraphs. */
  text: string;
  confidence: number;
  blocks: Block[];
}

/** Lines that belong together: paragraphs of a column, a table. */
export interface Block {
  quad: Quad;
  lines: PageLine[];
}

export interface PageLine {
  text: string;
  confidence: number;
  quad: Quad;
  words: Word[];
}

export interface Word {
  text: string;
  confidence: number;
  quad: Quad;
  chars: Char[];
}

export interface Char {
  char: string;
  score: number;
  quad: Quad;
}
