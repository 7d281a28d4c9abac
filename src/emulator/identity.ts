import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import type { Random } from '../simulator/random.js';

/** API key as from Apple: a .p8 file named for its key id, and its issuer id. */
interface ApiKey {
  readonly keyId: string;
  readonly issuerId: string;
  readonly privateKeyPath: string;
  readonly publicKey: KeyObject;
}

/** Credentials that the emulator accepts. */
export interface Identity {
  /** In-App Purchase key, for the Server API. */
  readonly server: ApiKey;
  /** App Store Connect team key. */
  readonly connect: ApiKey;
  /** App Store Connect individual key. */
  readonly individual: ApiKey;
  readonly rootPath: string;
  readonly controlToken: string;
}

const FOLDER_MODE = 0o700;

const FILE_MODE = 0o600;

/**
 * Reads the keys in `folder` and creates missing ones, so that exported variables stay valid when the emulator restarts.
 * Issuer ids and control token are derived from the keys. Always writes root.pem.
 * Throws `ERR_EMULATOR_FOLDER` (usage) if the folder is not writable.
 */
export function openIdentity(folder: string, rootPem: string, random: Random): Identity {
  try {
    const server = openKey(folder, 'SubscriptionKey', random);
    const connect = openKey(folder, 'AuthKey', random);
    const individual = openKey(join(folder, 'individual'), 'AuthKey', random);
    const rootPath = join(folder, 'root.pem');
    writeAtomically(rootPath, rootPem, random);
    return { server, connect, individual, rootPath, controlToken: controlTokenOf(server) };
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    const message = `cannot write the emulator's keys to ${folder}: ${reason}`;
    throw new ToolError('usage', 'ERR_EMULATOR_FOLDER', message, { cause });
  }
}

function openKey(folder: string, prefix: 'SubscriptionKey' | 'AuthKey', random: Random): ApiKey {
  makeFolder(folder);
  const fileName = readdirSync(folder).find((name) => KEY_FILES[prefix].test(name));
  const name = fileName ?? `${prefix}_${keyIdFrom(random)}.p8`;
  const privateKeyPath = join(folder, name);
  const stored = fileName === undefined ? null : readKey(privateKeyPath);
  const key = stored ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (stored === null) writeAtomically(privateKeyPath, key.export({ type: 'pkcs8', format: 'pem' }).toString(), random);
  const publicKey = createPublicKey(key);
  const keyId = name.slice(prefix.length + 1, -'.p8'.length);
  return { keyId, issuerId: issuerIdOf(publicKey), privateKeyPath, publicKey };
}

const KEY_FILES = {
  SubscriptionKey: /^SubscriptionKey_[A-Z0-9]{10}\.p8$/,
  AuthKey: /^AuthKey_[A-Z0-9]{10}\.p8$/,
} as const;

/** Rejects a symbolic link, which a cloned repository may contain to redirect writes. */
function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  if (!lstatSync(folder).isDirectory()) throw new Error('not a directory');
}

/** Null for a symbolic link or an invalid key file; the key is then created again. */
function readKey(path: string): KeyObject | null {
  if (!lstatSync(path).isFile()) return null;
  try {
    const key = createPrivateKey(readFileSync(path));
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** Writes a temporary file and renames it: never through a link, never partly visible, never with an older file's mode. */
function writeAtomically(path: string, text: string, random: Random): void {
  const draft = `${path}.${Buffer.from(random(DRAFT_BYTES)).toString('hex')}`;
  writeFileSync(draft, text, { mode: FILE_MODE, flag: 'wx' });
  renameSync(draft, path);
}

const DRAFT_BYTES = 6;

const KEY_ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const KEY_ID_LENGTH = 10;

function keyIdFrom(random: Random): string {
  return Array.from(random(KEY_ID_LENGTH), (byte) => KEY_ID_LETTERS[byte % KEY_ID_LETTERS.length]).join('');
}

/** UUID in the format of version 5, derived from the key. */
function issuerIdOf(publicKey: KeyObject): string {
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Derived from the private key: read access to the key file implies control of the emulator. */
function controlTokenOf({ privateKeyPath }: ApiKey): string {
  return createHmac('sha256', readFileSync(privateKeyPath)).update('storewire emulator control').digest('base64url');
}
