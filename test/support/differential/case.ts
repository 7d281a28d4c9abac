import type { Kind } from '../../../src/notification/document.js';
import type { AppEnvironment } from '../../../src/simulator/payloads/app.js';
import type { Bench } from './bench.js';

/** Kinds that Apple's library has a verifier for. */
export type JudgedKind = Extract<
  Kind,
  'notification' | 'transaction' | 'renewalInfo' | 'appTransaction' | 'realtimeRequest'
>;

/** One payload, changed in one place, and what both sides are told to expect of it. */
export interface Case {
  /** What was changed, and in which payload. */
  readonly name: string;
  readonly kind: JudgedKind;
  readonly environment: AppEnvironment;
  readonly jws: string;
  /** DER of the one root both sides believe; the bench's own where left out. */
  readonly root?: Uint8Array;
}

/** Numbers from 0 to 1, the same in every run. */
export type Random = () => number;

/** A class of mutations: everything it does follows from the bench and the random numbers. */
export type Mutation = (bench: Bench, random: Random) => Iterable<Case>;

/** An integer from 0 up to, not including, `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)]!;
}
