/** Reads the size and EXIF orientation from the first bytes of a picture file, before it is decoded. */

export interface Head {
  kind: "png" | "jpeg" | "other";
  /** The stored size in pixels; 0 if the file does not say. */
  width: number;
  height: number;
  /** The EXIF orientation, 1 to 8; 1 is upright. */
  orientation: number;
}

const ORIENTATION = 0x0112;
const SHORT = 3;

export function headOf(bytes: Uint8Array): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head: Head = { kind: "other", width: 0, height: 0, orientation: 1 };
  try {
    if (view.byteLength >= 24 && view.getUint32(0) === 0x89504e47) readPng(view, head);
    else if (view.byteLength >= 4 && view.getUint16(0) === 0xffd8) readJpeg(view, head);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut short: what decodes it will say so
  }
  return head;
}

function readPng(view: DataView, head: Head): void {
  head.kind = "png";
  head.width = view.getUint32(16);
  head.height = view.getUint32(20);
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    if (type === 0x49444154) return; // IDAT: what stands behind the pixels is not looked for
    if (type === 0x65584966) head.orientation = orientationOf(view, at + 8); // eXIf
  }
}

function readJpeg(view: DataView, head: Head): void {
  head.kind = "jpeg";
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint8(at + 1) === 0xff) at++;
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) return; // start of the scan
    if (isFrame(marker)) {
      head.height = view.getUint16(at + 5);
      head.width = view.getUint16(at + 7);
    }
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) head.orientation = orientationOf(view, at + 10);
  }
}

/** SOF0 to SOF15, without the tables that have numbers between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** The orientation from the TIFF header at `start`. A damaged block is ignored, since the pixels are fine. */
function orientationOf(view: DataView, start: number): number {
  try {
    const isLittle = view.getUint16(start) === 0x4949;
    const first = start + view.getUint32(start + 4, isLittle);
    const count = view.getUint16(first, isLittle);
    for (let entry = first + 2; entry < first + 2 + 12 * count; entry += 12) {
      if (view.getUint16(entry, isLittle) !== ORIENTATION || view.getUint16(entry + 2, isLittle) !== SHORT) continue;
      const value = view.getUint16(entry + 8, isLittle);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
