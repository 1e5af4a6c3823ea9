from benchcomp import testing


def test_the_report_keeps_its_contract():
    testing.assert_conforms("markdown")
