// ocrvl.page/1 before ajv: node ajv.mjs SCHEMA FILE...   Says which files it accepts; status 1 if it refuses one.
import { readFileSync } from 'fs';
import Ajv from './node_modules/ajv/dist/2020.js';
const validate = new Ajv.default({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(JSON.parse(readFileSync(process.argv[2])));
let refused = 0;
for (const path of process.argv.slice(3)) {
  const text = readFileSync(path, 'utf8');
  const pages = text.startsWith('[') ? JSON.parse(text) : text.split('\n').filter((line) => line).map((line) => JSON.parse(line));
  for (const [i, page] of pages.entries())
    if (!validate(page)) {
      refused++;
      console.log(`${path}: page ${i + 1}: ${JSON.stringify(validate.errors).slice(0, 300)}`);
      break;
    }
}
process.exit(refused ? 1 : 0);
