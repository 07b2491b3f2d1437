/* SPDX-License-Identifier: MIT */
/* Identity, Identity-Info (CRT-9.1-02). */
#include "header_support.h"

#include "stox/sip_identity.h"

HEADER_TRIAL(stox_sip_identity)

HEADER_TRIAL(stox_sip_identity_info)

static void test_identity(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV/"
           "HmtyNS7Ltrg9dlxkWzoeU7d7OV8HweTTDobV3itTmgPwCFjaEmMyEI3d7SyN21yNDo2ER/"
           "Ovgtw0Lu5csIppPqOg1uXndzHbG7mR6Rl9BnUhHufVRbp51Mn3w0gfUs=;info=<https://"
           "biloxi.example.org/biloxi.cer>;alg=RS256"),
       ROW("sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV/"
           "HmtyNS7Ltrg9dlxkWzoeU7d7OV8HweTTDobV3itTmgPwCFjaEmMyEI3d7SyN21yNDo2ER/"
           "Ovgtw0Lu5csIppPqOg1uXndzHbG7mR6Rl9BnUhHufVRbp51Mn3w0gfUs=;info=<https://"
           "biloxi.example.org/biloxi.cer>;alg=RS256"),
       0},
      {ROW("eyJ..sig;info=<https://a.example/c>;ppt=shaken;x=1"),
       ROW("eyJ..sig;info=<https://a.example/c>;ppt=shaken;x=1"), 0},
      {ROW("\"NJguAbpmYXjnlxFmlOkumMI+MZXjB2iV/NW5xsFQqzD/p4yiovrJBqhd3T\r\n  "
           "ZkegnsmoHryzk9gTBH7Gj/erixEFIf82o3Anmb+CIbrgdl03gGaD6ICvkp\""),
       ROW("\"NJguAbpmYXjnlxFmlOkumMI+MZXjB2iV/NW5xsFQqzD/p4yiovrJBqhd3T "
           "ZkegnsmoHryzk9gTBH7Gj/erixEFIf82o3Anmb+CIbrgdl03gGaD6ICvkp\""),
       0},
      {ROW("abc"), REFUSED, 3},
      {ROW("abc;alg=x"), REFUSED, 9},
      {ROW("\"abc\";info=<https://a/>"), REFUSED, 5},
      {ROW("\"a,b\""), REFUSED, 0},
      {ROW("abc;info=https://a/"), REFUSED, 9},
      {ROW(""), REFUSED, 0},
      {ROW("abc;info=<https://a/>;info=<https://a/>"), REFUSED, 27},
  };
  header_check_all(&stox_sip_identity_trial, rows, COUNT(rows));
}

static void test_identity_info(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<https://atlanta.example.com/atlanta.cer>;alg=rsa-sha1"),
       ROW("<https://atlanta.example.com/atlanta.cer>;alg=rsa-sha1"), 0},
      {ROW("<https://atlanta.example.com/cert>;alg=rsa-sha1;x"),
       ROW("<https://atlanta.example.com/cert>;alg=rsa-sha1;x"), 0},
      {ROW("<https://a/b>"), ROW("<https://a/b>"), 0},
      {ROW("https://example.com/cert"), REFUSED, 0},
      {ROW("<https://a/b>;alg="), REFUSED, 18},
      {ROW("<x>"), REFUSED, 0},
  };
  header_check_all(&stox_sip_identity_info_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_identity),
                                     cmocka_unit_test(test_identity_info)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
