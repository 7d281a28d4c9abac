import { ToolError } from '../../errors.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import type { EventContext } from '../payloads/context.js';
import { type Edits, editNotification } from '../payloads/edits.js';
import { type PayloadOptions, sceneOf } from '../payloads/options.js';
import { CHANGE_SCENARIOS } from './change-scenarios.js';
import { OTHER_SCENARIOS, REFUND_SCENARIOS } from './refund-scenarios.js';
import { parseEvent, type ScenarioDefinition } from './scenario.js';
import { BILLING_SCENARIOS, LIFECYCLE_SCENARIOS } from './subscription-scenarios.js';

/** What a scenario is made from; `set` and `remove` count for every notification of it. */
export type ScenarioOptions = Omit<PayloadOptions, 'productType'> & Edits;

/** A scenario as it is offered: name, what happens, and the events in order (`TYPE` or `TYPE.SUBTYPE`). */
export type Scenario = Pick<ScenarioDefinition, 'name' | 'title' | 'events'>;

/** One notification of a scenario, not signed yet. */
export interface ScenarioStep {
  readonly type: string;
  readonly subtype: string | null;
  /** What happens, in one plain sentence. */
  readonly says: string;
  /** When it happened, in milliseconds on the clock of the story. The notification is signed two seconds later. */
  readonly atMs: number;
  readonly built: BuiltNotification;
}

const STORIES: readonly ScenarioDefinition[] = [
  ...LIFECYCLE_SCENARIOS,
  ...BILLING_SCENARIOS,
  ...CHANGE_SCENARIOS,
  ...REFUND_SCENARIOS,
  ...OTHER_SCENARIOS,
];

/** Every scenario there is. */
export const SCENARIOS: readonly Scenario[] = STORIES;

/**
 * The notifications of one story, in order: one customer, one originalTransactionId, each with the dates of its own
 * moment. The last is signed now (`nowMs`; up to a few days earlier where months of different length leave no other way),
 * the others days and months before, so that nothing lies in the future and the outcome is how things stand today.
 * Throws (usage) `ERR_SIMULATOR_SCENARIO`, `ERR_SIMULATOR_PERIOD` and `ERR_SIMULATOR_PATH`.
 */
export function buildScenario(name: string, options: ScenarioOptions): readonly ScenarioStep[] {
  const story = findStory(name);
  const scene = sceneOf(options, story.productType);
  return story.tell(scene, startOf(story, scene)).map(({ event, says, atMs, build }) => ({
    ...parseEvent(event),
    says,
    atMs,
    built: editNotification(build(sceneAt(scene, atMs)), options),
  }));
}

/** The scenario of this name. Throws `ERR_SIMULATOR_SCENARIO` (usage), which names those there are. */
export function findScenario(name: string): Scenario {
  return findStory(name);
}

function findStory(name: string): ScenarioDefinition {
  const story = STORIES.find((each) => each.name === name);
  if (story === undefined) throw unknownScenario(name);
  return story;
}

/** The latest start found for which the story does not go beyond the present: a month more or less shifts its end by days. */
function startOf(story: ScenarioDefinition, scene: EventContext): number {
  let startMs = scene.eventMs;
  for (;;) {
    const endMs = story.tell(scene, startMs).at(-1)?.atMs ?? startMs;
    if (endMs <= scene.eventMs) return startMs;
    startMs -= endMs - scene.eventMs;
  }
}

/** The same customer and ids at another moment. */
function sceneAt(scene: EventContext, atMs: number): EventContext {
  return { ...scene, eventMs: atMs, signedMs: atMs + (scene.signedMs - scene.eventMs) };
}

function unknownScenario(name: string): ToolError {
  return new ToolError('usage', 'ERR_SIMULATOR_SCENARIO', `There is no scenario "${name}".`, {
    hint: `Scenarios: ${STORIES.map((story) => story.name).join(', ')}.`,
  });
}
