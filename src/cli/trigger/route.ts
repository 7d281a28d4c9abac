import type { Reach } from '../../http/reach.js';
import type { StoredAuthority } from '../../simulator/authority-store.js';
import { findScenario } from '../../simulator/scenarios/scenarios.js';
import type { Deps } from '../deps.js';
import { showUrl } from './direct.js';
import { type EmulatorControl, openEmulatorControl } from './emulator-control.js';
import { builtErrands, directErrands, type Errand, handedErrands, revokedErrands } from './errands.js';
import type { Order, OrderedApp } from './order.js';
import type { Way } from './way.js';

/** An order on its way: what is known before the first notification goes out. */
export interface Route {
  /** The order with what the emulator had to add. */
  readonly order: Order;
  /** Where to, fit to be shown. */
  readonly target: string;
  /** Null where the emulator knows, which sends to the URL its app is set to. */
  readonly reach: Reach | null;
  readonly isPlain: boolean;
  /** Who signs; null where the emulator does. */
  readonly signer: StoredAuthority | null;
  readonly errands: AsyncIterable<Errand>;
}

export type RouteDeps = Pick<Deps, 'env' | 'http' | 'now' | 'sleep' | 'random' | 'signal'>;

/** An emulator answers once the endpoint has, or after its own 30 seconds. */
const EMULATOR_TIMEOUT_MS = 45_000;

/** Sends nothing yet. `openAuthority` is called where notifications are signed here. Throws what the emulator's control does. */
export async function openRoute(
  order: Order,
  way: Exclude<Way, { kind: 'print' }>,
  openAuthority: () => Promise<StoredAuthority>,
  deps: RouteDeps,
): Promise<Route> {
  const makeWith = ({ authority }: StoredAuthority) => ({ authority, now: deps.now, random: deps.random });
  if (way.kind === 'to') {
    const { url, reach } = way.destination;
    const signer = await openAuthority();
    const errands = directErrands(order, makeWith(signer), way.destination, deps);
    return { order, target: showUrl(url), reach, isPlain: url.protocol === 'http:', signer, errands };
  }
  const control = openEmulatorControl(way.baseUrl, EMULATOR_TIMEOUT_MS, deps);
  const { filled, isSame } = await askForApp(order, control);
  const target = `the emulator at ${showUrl(new URL(way.baseUrl))}`;
  const route = { order: filled, target, reach: null, isPlain: false };
  const built = isSame ? errandsOfEmulator(filled, control) : null;
  if (built !== null) return { ...route, signer: null, errands: built };
  const signer = await openAuthority();
  return { ...route, signer, errands: handedErrands(filled, makeWith(signer), control) };
}

/** What the emulator can make by itself: single events, in order or with its own certificate revoked. Null for the rest. */
function errandsOfEmulator(order: Order, control: EmulatorControl): AsyncIterable<Errand> | null {
  const { what } = order;
  if (what.kind === 'event') return builtErrands(what, order, control);
  return what.kind === 'forgery' && what.reason === 'CERTIFICATE_REVOKED' ? revokedErrands(what, order, control) : null;
}

/** How many notifications an order comes to. Throws `ERR_SIMULATOR_SCENARIO` (usage). */
export function countOf({ what, count }: Order): number {
  return what.kind === 'scenario' ? count * findScenario(what.name).events.length : count;
}

/** The emulator plays for one app: what was not said is taken from it, and what was said otherwise is signed here. */
async function askForApp(order: Order, control: EmulatorControl): Promise<{ filled: Order; isSame: boolean }> {
  const known = await control.readApp();
  const app: OrderedApp = {
    ...order.app,
    bundleId: order.app.bundleId ?? known.bundleId,
    appAppleId: order.app.appAppleId ?? known.appAppleId,
  };
  const isSame = app.bundleId === known.bundleId && app.appAppleId === known.appAppleId;
  return { filled: { ...order, app }, isSame };
}
