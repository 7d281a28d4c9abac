/** Room that is made when a body comes in more than one piece and does not say how long it will be. */
const FIRST_ROOM_BYTES = 65_536;

/**
 * A body as it comes in. A notification comes in one or two pieces; the first is kept as it is, later ones go into one buffer that grows
 * by doubling, so that a peer who sends byte after byte costs no more than the bytes. No room is made for what was merely announced.
 */
export class Body {
  private bytes: Buffer | null = null;
  length = 0;

  /** `expected`: what the peer says it will be, in bytes; null where it does not say. */
  constructor(private readonly expected: number | null) {}

  add(piece: Buffer): void {
    const start = this.length;
    this.length += piece.length;
    if (start === 0) {
      this.bytes = piece;
      return;
    }
    this.bytes = this.withRoom(this.bytes!, start);
    piece.copy(this.bytes, start);
  }

  whole(): Uint8Array {
    return this.bytes === null ? new Uint8Array() : this.bytes.subarray(0, this.length);
  }

  /** Not from the pool of small buffers: what is kept must not keep others' memory. */
  private withRoom(bytes: Buffer, used: number): Buffer {
    if (bytes.length >= this.length) return bytes;
    const doubled = Math.max(2 * this.length, FIRST_ROOM_BYTES);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length, Math.min(doubled, this.expected ?? doubled)));
    bytes.copy(larger, 0, 0, used);
    return larger;
  }
}
