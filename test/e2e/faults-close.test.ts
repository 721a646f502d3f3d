import { testFaults } from './harness/fault-suite.ts';

await testFaults('close');
