import type { BuiltNotification, EventName } from '../payloads/assemble.js';
import type { EventContext } from '../payloads/context.js';
import type { ProductType } from '../payloads/purchase.js';

/** Puts what has happened into a notification; `scene` has the moment of this chapter. */
type Assemble<State> = (event: EventName, scene: EventContext, state: State) => BuiltNotification;

/** One thing that happens: the event that the App Store tells of it, and the state it leaves behind. */
export interface StepDefinition<State> {
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly event: string;
  /** What happens, in one plain sentence. */
  readonly says: string;
  /** The moment (ms), given how things stand and when the chapter before happened. A whole second, as the App Store's dates are. */
  readonly when: (before: State, lastMs: number) => number;
  readonly happen: (before: State, atMs: number, scene: EventContext) => State;
  /** Where this chapter's notification is of another make than the story's. */
  readonly assemble?: Assemble<State>;
}

/** How a story begins. */
export interface FirstStepDefinition<State> extends Pick<StepDefinition<State>, 'event' | 'says'> {
  readonly state: (scene: EventContext, atMs: number) => State;
}

/** A story about one thing, on a clock of its own. Nothing in it knows the present. */
export interface ScenarioOutline<State> {
  readonly name: string;
  /** A headline of a few words. */
  readonly title: string;
  readonly productType: ProductType;
  readonly assemble: Assemble<State>;
  readonly opening: FirstStepDefinition<State>;
  readonly chapters: readonly StepDefinition<State>[];
}

/** A chapter as it was told: when it happened, and the notification of it. */
interface BuiltStep {
  readonly event: string;
  readonly says: string;
  readonly atMs: number;
  readonly build: (scene: EventContext) => BuiltNotification;
}

/** A story whose state is its own business. */
export interface ScenarioDefinition {
  readonly name: string;
  readonly title: string;
  readonly productType: ProductType;
  /** Every event, in order. */
  readonly events: readonly string[];
  /** The story from `startMs` on; the ids of `scene` are those of everything in it. */
  tell(scene: EventContext, startMs: number): readonly BuiltStep[];
}

export function defineScenario<State>(plot: ScenarioOutline<State>): ScenarioDefinition {
  const { name, title, productType, opening, chapters } = plot;
  return {
    name,
    title,
    productType,
    events: [opening.event, ...chapters.map(({ event }) => event)],
    tell: (scene, startMs) => tell(plot, scene, startMs),
  };
}

function tell<State>(
  { assemble, opening, chapters }: ScenarioOutline<State>,
  scene: EventContext,
  startMs: number,
): readonly BuiltStep[] {
  let state = opening.state(scene, startMs);
  let atMs = startMs;
  const told = [tellOne(opening, assemble, state, atMs)];
  for (const chapter of chapters) {
    atMs = chapter.when(state, atMs);
    state = chapter.happen(state, atMs, scene);
    told.push(tellOne(chapter, chapter.assemble ?? assemble, state, atMs));
  }
  return told;
}

function tellOne<State>(
  { event, says }: Pick<StepDefinition<State>, 'event' | 'says'>,
  assemble: Assemble<State>,
  state: State,
  atMs: number,
): BuiltStep {
  return { event, says, atMs, build: (scene) => assemble(parseEvent(event), scene, state) };
}

/** `TYPE` or `TYPE.SUBTYPE` as two. */
export function parseEvent(event: string): { readonly type: string; readonly subtype: string | null } {
  const [type = '', subtype = null] = event.split('.');
  return { type, subtype };
}
