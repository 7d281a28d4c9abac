import { signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import type { Mutation } from '../case.js';

/** The good payloads themselves: a mutation of something that was refused before would say nothing. */
export const untouched: Mutation = function* ({ notifications, single }) {
  for (const { name, kind, environment, places } of [...notifications, ...single]) {
    yield { name, kind, environment, jws: places[0].token };
  }
};

/** Good content under a chain of the same names that leads to another root. */
export const foreignChains: Mutation = function* ({ notifications, single, foreign, expired }) {
  for (const { name, kind, environment, places } of [...notifications, ...single]) {
    yield { name: `${name} by a foreign chain`, kind, environment, jws: signPayload(places[0].payload, foreign) };
    yield { name: `${name} by an expired chain`, kind, environment, jws: signPayload(places[0].payload, expired) };
  }
};
