import type { JsonObject } from '../../../../src/jws/json.js';
import { signPayload } from '../../../../src/simulator/sign-payload.js';
import { fieldsOf } from '../../../../src/notification/catalogue/fields.js';
import { type Changeable, fullObject, pathsIn, pathText, withValueAt } from '../../full-payloads.js';
import { SIGNED_AT_MS, TEST_APP } from '../../signing.js';
import { type Base, baseOf, type Bench } from '../bench.js';
import { type Case, type JudgedKind, type Mutation, pick } from '../case.js';
import { encode, headerWith, signTexts } from '../token-parts.js';
