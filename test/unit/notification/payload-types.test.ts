import { expect, it } from 'vitest';
import { describePayloadTypes } from '../../support/payload-types.js';

it('the types of payloads are those of the catalogue', async () => {
  await expect(describePayloadTypes()).toMatchFileSnapshot('../../../src/notification/payload-types.ts');
});
