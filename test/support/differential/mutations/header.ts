import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { EXTENSION_FREE, reissue, setKey } from '../certificate-surgery.js';
import type { Bench } from '../bench.js';
import type { Mutation } from '../case.js';
import { encode, headerWith, partsOf, signParts, signTexts } from '../token-parts.js';
