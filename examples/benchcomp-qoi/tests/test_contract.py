from benchcomp import testing


def test_the_codec_keeps_its_contract():
    testing.assert_conforms("qoi")
