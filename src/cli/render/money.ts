/**
 * Currencies whose smallest unit is not a hundredth (ISO 4217). A table and not Intl: its data takes 15 ms to load, a third of a bare
 * start of Node, and differs between versions.
 */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...digits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...digits(3, 'BHD IQD JOD KWD LYD OMR TND'),
};
const USUAL_MINOR_DIGITS = 2;
const CURRENCY_CODE = /^[A-Z]{3}$/;

/**
 * Milliunits of a currency as people write it: 9990 USD is `9.99 USD`, 500000 JPY is `500 JPY`. Never rounds: what the smallest unit cannot
 * hold is shown all the same. Null where the amount is not an integer. `currency` is what the payload says; anything but three letters is left out.
 */
export function formatMoney(milliunits: number | bigint, currency: unknown): string | null {
  if (typeof milliunits === 'number' && !Number.isSafeInteger(milliunits)) return null;
  const code = typeof currency === 'string' && CURRENCY_CODE.test(currency) ? currency : null;
  const amount = withDecimals(
    BigInt(milliunits),
    code === null ? USUAL_MINOR_DIGITS : (MINOR_DIGITS[code] ?? USUAL_MINOR_DIGITS),
  );
  return code === null ? amount : `${amount} ${code}`;
}

/** Thousandths of a percent: 67932 is `67.932 %`. Null where it is not an integer. */
export function formatPercent(thousandths: number | bigint): string | null {
  if (typeof thousandths === 'number' && !Number.isSafeInteger(thousandths)) return null;
  return `${withDecimals(BigInt(thousandths), 0)} %`;
}

/** Thousandths as a decimal number with at least `least` decimals, and more only where they say something. */
function withDecimals(thousandths: bigint, least: number): string {
  const sign = thousandths < 0n ? '-' : '';
  const text = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  const decimals = text.slice(-3).replace(/0+$/, '').padEnd(least, '0');
  return `${sign}${text.slice(0, -3)}${decimals === '' ? '' : `.${decimals}`}`;
}

function digits(count: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, count]));
}
