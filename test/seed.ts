import fc from 'fast-check'

/** The same properties are tried on every run; another seed tries others. fast-check prints it with a counterexample. */
fc.configureGlobal({ seed: Number(process.env.RETAIL_TEST_SEED ?? 20240131) })
