/** What goes into the engine and what comes out. */

/** Bytes of a file, in any of the forms that JavaScript has for them. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Pixels of 8 bits a channel, rows from top to bottom. An ImageData is one. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  /** 1 gray, 3 RGB, 4 RGBA; by default 4. */
  channels?: 1 | 3 | 4;
  /** Bytes from row to row; by default width * channels. */
  stride?: number;
}

/** What a text may be, where that is known: docs/constraints.md. */
export interface Limits {
  /** The characters that it is made of, as in "0-9.,-". */
  allow?: string;
  /** Its form, as in "DD/DD/DDDD". */
  pattern?: string;
  /** What its digits must satisfy: "luhn", "iban", "mrz", "ean" or "date". */
  check?: string;
}

/** The files of a reader. */
export interface Files {
  /** NAME.bit */
  model: Bytes;
  /** page.bit, which finds the lines of pages; without it, lines alone can be read. */
  detector?: Bytes;
  /** NAME.ngram and NAME.words, for the model's language. */
  ngram?: Bytes;
  wordList?: Bytes;
}

export interface ReaderOptions extends Limits {
  /** The model's name, for Page.model. */
  name?: string;
  /** Further words to expect. */
  words?: readonly string[];
  /** The width of the search: 16 by default; 0 takes the best character of each step, without words and n-grams. */
  beam?: number;
  /** Lines of less confidence are read again; by default 0.8 where the model is calibrated; 0: each is read once. */
  reread?: number;
}

export interface PageOptions extends Limits {
  /** Lines whose characters' scores have a smaller mean are left out: by default 0.6; 0 leaves none out. */
  minScore?: number;
  /** Text is not turned by more than 45 degrees. */
  upright?: boolean;
  /** By which the image is enlarged to look for text, 0.05 to 4; by default what suits the text's height. */
  scale?: number;
  /** Page.path, such as the image's name. */
  path?: string;
}

/** An image of one line, as `bitocr read --line --json` has it. */
export interface Line {
  text: string;
  /** The probability that the text is right but for case and spaces. */
  confidence: number;
  /** Degrees that the text is turned by, clockwise: 0, 90, 180 or 270. */
  angle: number;
  chars: LineChar[];
}

export interface LineChar {
  char: string;
  /** From 0 to 1. */
  score: number;
  /** Its middle, in pixels of the image. */
  x: number;
}

export type Point = [x: number, y: number];

/** Corners in pixels of the image, from the text's own top left, clockwise. */
export type Quad = [Point, Point, Point, Point];

/** A page, as `bitocr read --json` has it: src/bitocr/formats/page.schema.json. */
export interface Page {
  schema: 1;
  path: string;
  width: number;
  height: number;
  /** Degrees that the text is turned by, clockwise. */
  angle: number;
  /** By which the image was enlarged to look for text. */
  scale: number;
  model: string;
  /** Cells of a row have a tab between them, rows a line feed, paragraphs an empty line. */
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
