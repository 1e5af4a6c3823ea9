from benchcomp import testing


def test_the_dataset_keeps_its_contract():
    testing.assert_conforms("testcards")
