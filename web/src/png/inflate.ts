/** Inflates zlib streams (RFC 1950, 1951) whose size is known. Small pictures wait longer for a browser's own streams. */

const LENGTHS = Uint16Array.of(
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
);
const LENGTH_BITS = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
const DISTANCES = Uint16Array.of(
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
);
const DISTANCE_BITS = Uint8Array.of(
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
);
/** In which order the lengths of the codes of code lengths are stored. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END = 256;
const MAX_BITS = 15; // of a code
const LONG = 24; // bytes that are copied faster by a call than one by one
const PADDING = 8; // that reading bits looks at beyond the end

export class Damaged extends Error {}

/** For as many bits as the longest code has: the symbol times 16, plus the bits of its code; 0: there is no such code. */
type Table = Uint16Array;

interface Codes {
  literals: Table;
  distances: Table;
}

let fixed: Codes | undefined;

/** Fills `out` with a stream that is in `parts`. Raises Damaged, also where it holds more bytes or fewer. */
export function inflate(parts: readonly Uint8Array[], out: Uint8Array): void {
  new Inflater(joined(parts), out).run();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, PADDING));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

class Inflater {
  /** In bits. */
  private at = 16;
  private filled = 0;

  constructor(
    private readonly data: Uint8Array,
    private readonly out: Uint8Array,
  ) {}

  run(): void {
    const head = (this.data[0]! << 8) | this.data[1]!;
    check((head & 0x0f20) === 0x0800 && head % 31 === 0); // deflate, without a dictionary
    let isLast = 0;
    while (!isLast) {
      isLast = this.take(1);
      this.block(this.take(2));
      check(this.at <= 8 * (this.data.length - PADDING));
    }
    check(this.filled === this.out.length);
  }

  /** At most 17 bits, which are not taken. */
  private peek(): number {
    const { data, at } = this;
    const byte = at >> 3;
    return (data[byte]! | (data[byte + 1]! << 8) | (data[byte + 2]! << 16)) >>> (at & 7);
  }

  private take(bits: number): number {
    const value = this.peek() & ((1 << bits) - 1);
    this.at += bits;
    return value;
  }

  private symbol(table: Table): number {
    const entry = table[this.peek() & (table.length - 1)]!;
    check(entry !== 0);
    this.at += entry & 15;
    return entry >> 4;
  }

  private block(kind: number): void {
    if (kind === 0) this.stored();
    else if (kind === 1) this.coded((fixed ??= fixedCodes()));
    else {
      check(kind === 2);
      this.coded(this.codes());
    }
  }

  private stored(): void {
    const from = ((this.at + 7) >> 3) + 4;
    const { data, filled } = this;
    check(from <= data.length - PADDING);
    const length = data[from - 4]! | (data[from - 3]! << 8);
    check((data[from - 2]! | (data[from - 1]! << 8)) === (length ^ 0xffff));
    check(from + length <= data.length - PADDING && filled + length <= this.out.length);
    this.out.set(data.subarray(from, from + length), filled);
    this.filled += length;
    this.at = 8 * (from + length);
  }

  private codes(): Codes {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const count = this.take(4) + 4;
    const own = new Uint8Array(ORDER.length);
    for (let i = 0; i < count; i++) own[ORDER[i]!] = this.take(3);
    const lengths = this.lengths(tableOf(own), literals + distances);
    return { literals: tableOf(lengths.subarray(0, literals)), distances: tableOf(lengths.subarray(literals)) };
  }

  private lengths(table: Table, count: number): Uint8Array {
    const lengths = new Uint8Array(count);
    for (let i = 0; i < count; ) {
      const symbol = this.symbol(table);
      let times = 1;
      let length = symbol;
      if (symbol === 16) {
        check(i > 0);
        length = lengths[i - 1]!;
        times = 3 + this.take(2);
      } else if (symbol > 16) {
        length = 0;
        times = symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      }
      check(i + times <= count);
      lengths.fill(length, i, (i += times));
    }
    return lengths;
  }

  private coded({ literals, distances }: Codes): void {
    const { out } = this;
    let { filled } = this;
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === END) break;
      if (symbol < END) {
        check(filled < out.length);
        out[filled++] = symbol;
      } else filled = this.repeat(symbol - END - 1, distances, filled);
    }
    this.filled = filled;
  }

  /** Copies what was written before; it may overlap. Returns how much is filled then. */
  private repeat(kind: number, distances: Table, filled: number): number {
    const { out } = this;
    check(kind < LENGTHS.length);
    const length = LENGTHS[kind]! + this.take(LENGTH_BITS[kind]!);
    const far = this.symbol(distances);
    check(far < DISTANCES.length);
    const distance = DISTANCES[far]! + this.take(DISTANCE_BITS[far]!);
    const end = filled + length;
    check(distance <= filled && end <= out.length);
    if (length >= LONG && distance === 1) out.fill(out[filled - 1]!, filled, end);
    else if (length >= LONG && distance >= length) out.copyWithin(filled, filled - distance, end - distance);
    else for (let i = filled; i < end; i++) out[i] = out[i - distance]!;
    return end;
  }
}

function check(isGood: boolean): void {
  if (!isGood) throw new Damaged("not a zlib stream of this size");
}

function fixedCodes(): Codes {
  const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
  return { literals: tableOf(lengths), distances: tableOf(new Uint8Array(30).fill(5)) };
}

/** Of codes with these lengths in bits. Those of a length follow each other, and are stored from their last bit on. */
function tableOf(lengths: Uint8Array): Table {
  const next = firstCodes(lengths);
  const table = new Uint16Array(1 << Math.max(1, ...lengths));
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const first = reversed(next[length]!++, length);
    for (let i = first; i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
  }
  return table;
}

/** The first code of each length. */
function firstCodes(lengths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length]!++;
  const first = new Uint16Array(MAX_BITS + 1);
  for (let length = 1, code = 0; length <= MAX_BITS; length++, code <<= 1) {
    first[length] = code;
    code += counts[length]!;
    check(code <= 1 << length);
  }
  return first;
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result |= ((code >> i) & 1) << (bits - 1 - i);
  return result;
}
