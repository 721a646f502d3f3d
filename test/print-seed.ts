/** Says once a run with which seed it can be repeated. */
export default function printSeed(): void {
  const { MESHWRIGHT_SEED: seed = '', NIGHTLY } = process.env;
  console.log(`MESHWRIGHT_SEED=${seed}${NIGHTLY === '1' ? ', everything runs (NIGHTLY=1)' : ''}`);
}
