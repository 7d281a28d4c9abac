import { ToolError } from '../../errors.js';
import { nearestWord } from '../../notification/catalogue/edit-distance.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import type { EventContext } from '../payloads/context.js';
import { type Edits, editNotification } from '../payloads/edits.js';
import { SIMULATED_EVENTS } from '../payloads/events.js';
import { contextOf, type PayloadOptions } from '../payloads/options.js';
import { CHANGE_SCENARIOS } from './change-scenarios.js';
import { COMMITMENT_SCENARIO } from './commitment-scenario.js';
import { OTHER_SCENARIOS, REFUND_SCENARIOS } from './refund-scenarios.js';
import { parseEvent, type ScenarioDefinition } from './scenario.js';
import { BILLING_SCENARIOS, LIFECYCLE_SCENARIOS } from './subscription-scenarios.js';

/** Options of a scenario. `set` and `remove` apply to each of its notifications. */
export type ScenarioOptions = Omit<PayloadOptions, 'productType'> & Edits;

/** Name, title and events in order (`TYPE` or `TYPE.SUBTYPE`). */
export type Scenario = Pick<ScenarioDefinition, 'name' | 'title' | 'events'>;

/** One unsigned notification of a scenario. */
export interface ScenarioStep {
  readonly type: string;
  readonly subtype: string | null;
  /** One sentence that describes the step. */
  readonly says: string;
  /** Time of the event on the scenario's virtual clock, in milliseconds. The notification is signed two seconds later. */
  readonly atMs: number;
  readonly built: BuiltNotification;
}

const DEFINITIONS: readonly ScenarioDefinition[] = [
  ...LIFECYCLE_SCENARIOS,
  ...BILLING_SCENARIOS,
  ...CHANGE_SCENARIOS,
  COMMITMENT_SCENARIO,
  ...REFUND_SCENARIOS,
  ...OTHER_SCENARIOS,
];

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = DEFINITIONS;

/**
 * Builds the notifications of one scenario, in order, for one customer and one originalTransactionId. The last one is
 * signed at `nowMs`, or up to a few days earlier because months differ in length; the others days or months before, so
 * that no date is in the future and the final state is today's.
 * Throws (usage) `ERR_SIMULATOR_SCENARIO`, `ERR_SIMULATOR_PERIOD` and `ERR_SIMULATOR_PATH`.
 */
export function buildScenario(name: string, options: ScenarioOptions): readonly ScenarioStep[] {
  const scenario = findDefinition(name);
  const context = contextOf(options, scenario.productType);
  return scenario.build(context, startOf(scenario, context)).map(({ event, says, atMs, build }) => ({
    ...parseEvent(event),
    says,
    atMs,
    built: editNotification(build(contextAt(context, atMs)), options),
  }));
}

/** Finds a scenario by name. Throws `ERR_SIMULATOR_SCENARIO` (usage), which lists the known ones. */
export function findScenario(name: string): Scenario {
  return findDefinition(name);
}

function findDefinition(name: string): ScenarioDefinition {
  const scenario = DEFINITIONS.find((known) => known.name === name);
  if (scenario === undefined) throw unknownScenario(name);
  return scenario;
}

/** A start for which the scenario ends at or before the present. Repeated, because months differ in length: each move shifts the end. */
function startOf(scenario: ScenarioDefinition, context: EventContext): number {
  let startMs = context.eventMs;
  for (;;) {
    const endMs = scenario.build(context, startMs).at(-1)?.atMs ?? startMs;
    if (endMs <= context.eventMs) return startMs;
    startMs -= endMs - context.eventMs;
  }
}

/** The same customer and ids at another time. */
function contextAt(context: EventContext, atMs: number): EventContext {
  return { ...context, eventMs: atMs, signedMs: atMs + (context.signedMs - context.eventMs) };
}

function unknownScenario(name: string): ToolError {
  const names = DEFINITIONS.map((scenario) => scenario.name);
  const nearest = nearestWord(name.toLowerCase(), names);
  const { type, subtype } = parseEvent(name.toUpperCase());
  const isEvent = SIMULATED_EVENTS.some((event) => event.type === type && event.subtype === subtype);
  const hint = isEvent ? `It is a type: storewire trigger ${name.toUpperCase()}` : `Scenarios: ${names.join(', ')}.`;
  return new ToolError('usage', 'ERR_SIMULATOR_SCENARIO', `no scenario is called "${name}"`, {
    hint: nearest === null ? hint : `Did you mean ${nearest}?`,
  });
}
