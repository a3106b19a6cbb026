/** Property tests run on the same examples every time: a failure is a fault, never luck. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_123 });
