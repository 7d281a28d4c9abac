import type { ChalkInstance, ColorSupportLevel } from 'chalk';

/** Chalk at level 0 without chalk, which takes an eighth of the start of `decode`: every style returns its text. */
export const PLAIN_PAINT: ChalkInstance = new Proxy(((...text: string[]) => text.join(' ')) as ChalkInstance, {
  get(target, name) {
    // `then`: a promise may resolve to this.
    if (typeof name === 'symbol' || name === 'then') return Reflect.get(target, name);
    return name === 'level' ? 0 : PLAIN_PAINT;
  },
});

/** Paint of a level. Chalk is loaded for colours only. */
export async function paintAt(level: ColorSupportLevel): Promise<ChalkInstance> {
  if (level === 0) return PLAIN_PAINT;
  const { Chalk } = await import('chalk');
  return new Chalk({ level });
}
