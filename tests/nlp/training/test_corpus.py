import pytest

from db.errors import InputError
from nlp.training.corpus import read_treebank

SENTENCES = """\
# newdoc id = a
# newpar id = a-1
# text = Don't stop.
1-2	Don't	_	_	_	_	_	_	_	_
1	Do	do	AUX	VB	_	3	aux	_	_
2	n't	not	PART	RB	_	3	advmod	_	_
3	stop	stop	VERB	VB	_	0	root	_	SpaceAfter=No
4	.	.	PUNCT	.	_	3	punct	_	_

# text = (Cannot).
1	(	(	PUNCT	-LRB-	_	2	punct	_	SpaceAfter=No
2-3	Cannot	_	_	_	_	_	_	_	SpaceAfter=No
2	Can	can	AUX	MD	_	0	root	_	_
2.1	go	go	VERB	VB	_	_	_	_	_
3	not	not	PART	RB	_	2	advmod	_	_
4	)	)	PUNCT	-RRB-	_	2	punct	_	_
"""


def test_words_tags_heads_and_spaces(tmp_path):
    path = tmp_path / "small.conllu"
    path.write_text(SENTENCES, encoding="utf-8")
    first, second = read_treebank(path)
    assert [(word.text, word.upos, word.xpos) for word in first.words] == [
        ("Do", "AUX", "VB"),
        ("n't", "PART", "RB"),
        ("stop", "VERB", "VB"),
        (".", "PUNCT", "."),
    ]
    assert [word.head for word in first.words] == [2, 2, -1, 2]
    assert "".join(word.text + " " * word.space_after for word in first.words) == "Don't stop. "
    assert "".join(word.text + " " * word.space_after for word in second.words) == "(Cannot) "
    assert (first.new_document, first.new_paragraph) == (True, True)
    assert (second.new_document, second.new_paragraph) == (False, False)


@pytest.mark.parametrize(
    ("line", "message"),
    [("1\tword", "2 columns"), ("1\tword\tword\tNOUN\tNN\t_\tx\troot\t_\t_", "the head 'x' is not a number")],
)
def test_a_broken_line_is_named(tmp_path, line, message):
    path = tmp_path / "broken.conllu"
    path.write_text(f"# text\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"broken.conllu, line 2: .*{message}"):
        read_treebank(path)


def test_a_missing_treebank_is_named(tmp_path):
    with pytest.raises(InputError, match="give a folder with"):
        read_treebank(tmp_path / "none.conllu")
