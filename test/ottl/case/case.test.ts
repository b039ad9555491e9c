import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { camelCase, lowerCase, snakeCase, upperCase } from '../../../src/ottl/case/case.ts';

describe('case', () => {
  it('is changed character by character', () => {
    assert.equal(upperCase('straße ﬁ ŉ ᾳ ᾠ ǆ'), 'STRAßE ﬁ ŉ ᾼ ᾨ Ǆ');
    assert.equal(lowerCase('İSTANBUL ΑΣ'), 'istanbul ας'.replace('ς', 'σ'));
    assert.equal(upperCase('𐐨'), '𐐀');
  });

  it('snake splits at digits and capitals', () => {
    assert.equal(snakeCase('HTTPServer2Go_x-y z.é'), 'http_server_2_go_x_y_z_é');
    assert.equal(snakeCase('userID42Name'), 'user_id_42_name');
    assert.equal(snakeCase('\u0085 a \t'), 'a');
    assert.equal(snakeCase('__a'), '__a');
  });

  it('camel drops what is not of ASCII', () => {
    assert.equal(camelCase('HTTPServer2Go_x-y z.é'), 'Httpserver2GoXYZ');
    assert.equal(camelCase('1stPlace'), '1StPlace');
    assert.equal(camelCase('éCole_été'), 'Colet');
    assert.equal(camelCase(''), '');
  });
});
