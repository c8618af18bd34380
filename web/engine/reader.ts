/** A reader: a model with its detector, n-grams and words. */

import { BitocrError } from "./errors.js";
import { withImage } from "./image.js";
import type { Memory } from "./memory.js";
import { describe, NEVER, openDetector, openModel, openNgram } from "./model.js";
import { created, readLine, readPage } from "./results.js";
import { DECODING, PAGE_OPTIONS } from "./structures.js";
import { normalise } from "./text.js";
import type { Files, Limits, Line, Page, PageOptions, Pixels, ReaderOptions } from "./types.js";

type Handle = "model" | "ngram" | "detector" | "results" | "page" | "constraint";

/** Reads lines and pages. `Engine.open` makes it, and `free` gives its memory back to the module. */
export class Reader {
  /** The BCP 47 tags of the model's languages, such as ["zh", "en"]. */
  readonly languages: readonly string[];
  /** The name of the n-grams and words for these languages, "english" or "chinese"; "" if there are none. */
  readonly languageModel: string;
  /** The kernel that runs the network: "relaxed_simd", "simd128" or "generic". */
  readonly kernel: string;

  private readonly handles: Record<Handle, number> = {
    model: 0, ngram: 0, detector: 0, results: 0, page: 0, constraint: 0,
  };
  private readonly decoding: number;
  private constraintKey = "";
  private isFree = false;

  constructor(
    private readonly memory: Memory,
    files: Files,
    private readonly options: ReaderOptions,
  ) {
    const { handles } = this;
    try {
      handles.model = openModel(memory, files, options);
      if (options.beam !== 0) handles.ngram = openNgram(memory, handles.model, files.ngram);
      handles.detector = openDetector(memory, files.detector);
      handles.results = created(memory.c.bitocr_results_create(), "results");
      handles.page = created(memory.c.bitocr_page_create(), "a page");
      const info = describe(memory, handles.model);
      this.kernel = info.kernel;
      this.languages = info.languages ? info.languages.split(",") : [];
      this.languageModel = info.languageModel;
      this.decoding = info.decoding;
      memory.view.setUint32(this.decoding + DECODING.ngram, handles.ngram, true);
      this.constrain({});
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Reads an image of one line. Raises BitocrError. */
  readLine(image: Pixels, limits: Limits = {}): Line {
    const { memory, handles } = this;
    this.checkUse();
    this.constrain(limits);
    withImage(memory, image, (pixels) =>
      memory.call((error) =>
        memory.c.bitocr_recognize(handles.model, pixels, 1, this.decoding, handles.results, error),
      ),
    );
    return readLine(memory, handles.results);
  }

  /** Reads a whole page. Raises BitocrError. */
  readPage(image: Pixels, options: PageOptions = {}): Page {
    const { memory, handles } = this;
    this.checkUse();
    this.constrain(options);
    this.withPage(image, options, (pixels, how, error) =>
      memory.c.bitocr_read_page(handles.detector, handles.model, pixels, how, this.decoding, handles.page, error),
    );
    return readPage(memory, handles.page, options.path ?? "", this.options.name ?? "");
  }

  /** Finds the lines of a page, without their text. Raises BitocrError. */
  findLines(image: Pixels, options: Pick<PageOptions, "scale" | "path"> = {}): Page {
    const { memory, handles } = this;
    this.checkUse();
    this.withPage(image, options, (pixels, how, error) =>
      memory.c.bitocr_find(handles.detector, pixels, how, handles.page, error),
    );
    return readPage(memory, handles.page, options.path ?? "", "");
  }

  /** Reads a line of bars. The first reading takes longer because browsers then compile the network's functions. */
  warmUp(): void {
    const [width, height] = [320, 32];
    const data = new Uint8Array(width * height).map((_, i) => (Math.floor(i / 7) % 2 ? 255 : 0));
    this.readLine({ data, width, height, channels: 1 });
  }

  /** Gives its memory back to the module. It cannot read afterwards. */
  free(): void {
    const { memory, handles } = this;
    if (this.isFree) return;
    this.isFree = true;
    memory.c.bitocr_constraint_free(handles.constraint);
    memory.c.bitocr_page_free(handles.page);
    memory.c.bitocr_results_free(handles.results);
    memory.c.bitocr_detector_free(handles.detector);
    memory.c.bitocr_ngram_free(handles.ngram);
    memory.c.bitocr_free(handles.model);
  }

  private checkUse(): void {
    if (this.isFree) throw new BitocrError("usage", "the reader has been freed");
  }

  private withPage(image: Pixels, options: PageOptions, run: (pixels: number, how: number, error: number) => number): void {
    const { minScore } = options;
    if (!this.handles.detector) throw new BitocrError("usage", "reading pages takes a detector: open it with page.bit");
    if (minScore !== undefined && !(minScore >= 0 && minScore <= 1))
      throw new BitocrError("usage", `minScore is from 0 to 1, not ${minScore}`);
    withImage(this.memory, image, (pixels) =>
      this.memory.withStructure(PAGE_OPTIONS.size, (how) => {
        const { view } = this.memory;
        view.setFloat32(how + PAGE_OPTIONS.scale, options.scale ?? 0, true);
        view.setFloat32(how + PAGE_OPTIONS.minScore, minScore === 0 ? NEVER : (minScore ?? 0), true);
        view.setInt32(how + PAGE_OPTIONS.isUpright, options.upright ? 1 : 0, true);
        this.memory.call((error) => run(pixels, how, error));
      }),
    );
  }

  /** Puts a constraint into the decoding. A call's constraint replaces the reader's own. */
  private constrain(given: Limits): void {
    const { memory, handles } = this;
    const isGiven = [given.allow, given.pattern, given.check].some((limit) => limit !== undefined);
    const limits = this.limitsOf(isGiven ? given : this.options);
    const key = JSON.stringify(limits);
    if (key === this.constraintKey) return;
    const constraint = limits.some((limit) => limit !== null) ? this.openConstraint(limits) : 0;
    memory.view.setUint32(this.decoding + DECODING.constraint, constraint, true);
    memory.c.bitocr_constraint_free(handles.constraint);
    handles.constraint = constraint;
    this.constraintKey = key;
  }

  private limitsOf({ allow, pattern, check }: Limits): (string | null)[] {
    return [allow, pattern, check].map((limit) => (typeof limit === "string" ? normalise(limit) : (limit ?? null)));
  }

  private openConstraint([allow, pattern, check]: (string | null)[]): number {
    const { memory, handles } = this;
    return memory.withString(allow, "allow", (a) =>
      memory.withString(pattern, "pattern", (b) =>
        memory.withString(check, "check", (c) =>
          memory.handle((out, error) => memory.c.bitocr_constraint_create(handles.model, a, b, c, out, error)),
        ),
      ),
    );
  }
}
