from benchcomp import testing


def test_the_metric_keeps_its_contract():
    testing.assert_conforms("gmsd_y")
