/** Vitest's assertions without Vitest: plain functions that also run in browsers and at the edge. */
import { type Assertion, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

/** The plugins add their matchers at run time. */
export const expect = chai.expect as unknown as <Value>(value: Value) => Assertion<Value>;
