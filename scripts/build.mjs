import { build } from './prepare.mjs';

build({ clean: process.argv.includes('--clean') });
