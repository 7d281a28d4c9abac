/**
 * What tsyringe, inside @peculiar/x509, needs of the Reflect polyfill, and no more: metadata kept by target and key.
 * Only tests load @peculiar/x509; import this file before it. It adds functions and changes none that exist.
 */
const store = new WeakMap<object, Map<unknown, unknown>>();

function getOwnMetadata(key: unknown, target: object): unknown {
  return store.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const value = getOwnMetadata(key, at);
    if (value !== undefined) return value;
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = store.get(target) ?? new Map<unknown, unknown>();
  store.set(target, own.set(key, value));
}

const metadata = (key: unknown, value: unknown) => (target: object) => defineMetadata(key, value, target);

for (const [name, value] of Object.entries({ getOwnMetadata, getMetadata, defineMetadata, metadata })) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true });
}
