/** An integer with its thousands apart: `1,234,567`. The same on every system: no locale decides. */
export function groupDigits(value: number | bigint): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 payload`, `2 payloads`, `1,234 payloads`. */
export function countOf(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`;
}
