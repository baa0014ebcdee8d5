/** `npm run openapi`: writes docs/openapi.json anew. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openApi } from './document.ts';

writeFileSync(resolve(import.meta.dirname, '../../../docs/openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`);
