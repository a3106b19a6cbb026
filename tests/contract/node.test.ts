/** The contract, kept by the adapter for Node. */
import { open } from 'netkin';
import { beforeAll, describe } from 'vitest';
import { startWasm } from '../oracle/random.js';
import { contract } from './suite.js';

// Models of the suite are made before the first `open`, on the backend that it would start.
beforeAll(startWasm);

describe('in Node', () => contract(open));
