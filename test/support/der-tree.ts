/** DER as a tree that tests change and write again with lengths that fit. Reads sound DER only. */
export interface DerNode {
  tag: number;
  content: Uint8Array;
  /** Null for a primitive value. */
  children: DerNode[] | null;
}

export function readTree(bytes: Uint8Array): DerNode {
  return readNodes(bytes)[0]!;
}

export function writeTree(node: DerNode): Uint8Array {
  const content = node.children === null ? node.content : Buffer.concat(node.children.map(writeTree));
  return Buffer.concat([Buffer.of(node.tag), lengthOf(content.length), content]);
}

/** A node and everything below it, each with the list it stands in. */
export function allNodes(root: DerNode): { node: DerNode; siblings: DerNode[] }[] {
  const below = (siblings: DerNode[]): { node: DerNode; siblings: DerNode[] }[] =>
    siblings.flatMap((node) => [{ node, siblings }, ...below(node.children ?? [])]);
  return below([root]);
}

function readNodes(bytes: Uint8Array): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1]!;
    const count = first < 0x80 ? 0 : first & 0x7f;
    const length = count === 0 ? first : Buffer.from(bytes).readUIntBE(at + 2, count);
    const content = bytes.subarray(at + 2 + count, at + 2 + count + length);
    nodes.push({ tag, content, children: tag & 0x20 ? readNodes(content) : null });
    at += 2 + count + length;
  }
  return nodes;
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Buffer.of(length);
  const digits = Buffer.from(length.toString(16).padStart(length < 256 ? 2 : 4, '0'), 'hex');
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
}
