import pytest

from flatbook.basics import InputFault
from flatbook.dashboard.reports import read_positions


@pytest.fixture
def book(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "book.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_line_is_a_position_and_its_price_may_be_unknown(book):
    first, second = read_positions(book("venue,symbol,quantity,price\nderibit,BTC-PERPETUAL,-2000,69000\n\nokx,BTC,1.5,\n"))
    assert (first.key, first.quantity, first.price) == ("deribit:BTC-PERPETUAL", -2000.0, 69000.0)
    assert (second.key, second.quantity, second.price) == ("okx:BTC", 1.5, None)


def test_a_line_that_starts_with_a_hash_is_a_note_and_lines_are_still_counted(book):
    (only,) = read_positions(book("# my book, of today\nvenue,symbol,quantity\n  # longs\nderibit,ETH,2\n"))
    assert only.where.endswith("line 4")


def test_columns_may_stand_in_any_order_and_price_may_be_left_out(book):
    (only,) = read_positions(book("\ufeffquantity, Symbol ,venue\n-1e3,ETH,deribit\n"))
    assert (only.venue, only.symbol, only.quantity) == ("deribit", "ETH", -1000.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no position"),
        ("venue,symbol,quantity\n", "holds no position"),
        ("venue,symbol\nderibit,BTC\n", "line 1: has no column quantity"),
        ("venue,symbol,quantity,size\nderibit,BTC,1,1\n", "line 1: 'size' is no column"),
        ("venue,symbol,quantity,symbol\nderibit,BTC,1,1\n", "line 1: a column comes twice"),
        ("venue,symbol,quantity\nderibit,BTC,lots\n", "line 2, quantity: 'lots' is not a number"),
        ("venue,symbol,quantity\nderibit,BTC,1\nderibit,ETH,nan\n", "line 3, quantity: 'nan' is not a number"),
        ("venue,symbol,quantity\nderibit,BTC,\n", "line 2, quantity: '' is not a number"),
        ("venue,symbol,quantity\nderibit,BTC,1_000\n", "line 2, quantity: '1_000' is not a number"),
        ("venue,symbol,quantity\nderibit,BTC,1e300\n", "line 2, quantity: '1e300' is beyond 1,000,000,000,000,000"),
        ("venue,symbol,quantity\nderibit,,1\n", "line 2, symbol: is empty"),
        ("venue,symbol,quantity\nderibit,BTC,1,000\n", "line 2: has 4 fields where the header has 3"),
        ("venue,symbol,quantity,price\nderibit,BTC,1,-5\n", "line 2, price: '-5' is not above zero"),
        (b"\xff\xfe\x00binary", "is not text"),
    ],
)
def test_whatever_is_wrong_is_one_sentence_with_file_line_and_field(book, text, said):
    path = book(text)
    with pytest.raises(InputFault) as fault:
        read_positions(path)
    assert said in str(fault.value)
    assert str(path) in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputFault, match=r"nowhere\.csv: no such file"):
        read_positions(tmp_path / "nowhere.csv")
