import { expect, it } from 'vitest';
import { writeSchemas } from '../../support/json-schemas.js';

it('the schemas are those of the types: written by --update', async () => {
  for (const [file, text] of writeSchemas()) {
    await expect(text).toMatchFileSnapshot(`../../../schemas/${file}`);
  }
});
