/** @typedef {{ name: string, measured: string, bar: string, met: boolean }} Bar */

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {Bar} bar */
export function describeBar({ name, measured, bar, met }) {
  return `${met ? 'met   ' : 'MISSED'}  ${name.padEnd(34)}  ${measured.padEnd(52)}  bar ${bar}`;
}

export function times(ratio) {
  return `${ratio.toFixed(2)} x`;
}
