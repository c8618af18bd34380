/** The exports of every platform, besides `createReader`. */

export type { Block, Char, Line, LineChar, Page, PageLine, Pixels, Point, Quad, Word } from "../engine/types.js";
export { BitocrError, type ErrorCode } from "./errors.js";
export type { FileSource, Limits, ModelName, ModelSource, Progress, ReaderOptions, ReadOptions } from "./options.js";
