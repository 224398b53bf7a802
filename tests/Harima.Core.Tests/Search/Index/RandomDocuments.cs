using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

/// <summary>Documents, changes and questions of every kind, decided by a seed.</summary>
sealed class RandomDocuments(int seed, int rows)
{
    static readonly string[] Words = ["試料", "料名", "名前", "lattice", "beam", "energy", "😀", "ガス", "a"];
    readonly Random _random = new(seed);

    public IndexDocument Document(long row)
    {
        var terms = new List<IndexTerm>();
        var numbers = new List<IndexNumber>();
        Some(0.9, () => terms.Add(new IndexTerm("technique", "T" + Skewed(5))));
        for (var left = _random.Next(4); left > 0; left--)
            terms.Add(new IndexTerm("element", "E" + Skewed(30)));
        Some(0.8, () => terms.Add(new IndexTerm("proposal", "P" + Skewed(300))));
        terms.Add(new IndexTerm("id", $"S{row:d5}"));
        Some(0.05, () => terms.Add(new IndexTerm("rare", "r" + _random.Next(3))));
        for (var left = _random.Next(25); left > 0; left--)
            terms.Add(new IndexTerm("path", "p" + Skewed(40)));
        Some(0.2, () => terms.Add(new IndexTerm("long", new string('長', _random.Next(338, 345)))));
        Some(
            0.2,
            () => terms.Add(new IndexTerm("odd", Pick(["", "\\", "*", "a*b", "a?b", "aab", "é", "~", "\uffff", "😀"])))
        );
        var position = 0;
        for (var left = _random.Next(12); left > 0; left--)
            terms.Add(new IndexTerm("text", Pick(Words), position += _random.Next(5) == 0 ? 10 : 1));
        Some(0.9, () => numbers.Add(new IndexNumber("energy", _random.Next(40) / 4.0)));
        Some(0.1, () => numbers.Add(new IndexNumber("pressure", _random.NextDouble())));
        for (var left = _random.Next(3); left > 0; left--)
            numbers.Add(new IndexNumber("angle", _random.Next(-5, 6)));
        Some(0.05, () => numbers.Add(new IndexNumber("energy", Pick([double.NaN, double.PositiveInfinity, -0.0]))));
        Some(0.1, () => numbers.Add(new IndexNumber("technique", _random.Next(3))));
        return new IndexDocument(row, terms, numbers);
    }

    public long Row() => _random.Next(rows);

    public int Next(int below) => _random.Next(below);

    void Some(double chance, Action act)
    {
        if (_random.NextDouble() < chance)
            act();
    }

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    int Skewed(int below) => (int)(below * Math.Pow(_random.NextDouble(), 3));

    public string Field() =>
        Pick(["technique", "element", "proposal", "id", "rare", "path", "odd", "long", "text", "none"]);

    public string Number() => Pick(["energy", "pressure", "angle", "technique", "none"]);

    public IndexQuery Query(int depth = 0) =>
        _random.Next(depth > 2 ? 11 : 15) switch
        {
            0 => IndexQuery.Term("technique", "T" + Skewed(6)),
            1 => IndexQuery.Term("text", Pick(Words)),
            2 => IndexQuery.AnyOf(
                "proposal",
                [.. Enumerable.Range(0, _random.Next(40)).Select(_ => "P" + Skewed(310))]
            ),
            3 => IndexQuery.Prefix(Field(), Pick(["", "S00", "P1", "E", "長長", "é", "a", "試"])),
            4 => IndexQuery.Wildcard(
                Field(),
                Pick(["*", "S*1", "?1*", "*0?2", "a\\*b", "a?b", "\\", "T?", "??", "*長"])
            ),
            5 => IndexQuery.Phrase("text", [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Pick(Words))]),
            6 => IndexQuery.Phrase(
                "text",
                [new PhraseTerm(Pick(Words), 0), new PhraseTerm(Pick(Words), _random.Next(-2, 4))]
            ),
            7 => Range(),
            8 => IndexQuery.Exists(Pick([Field(), Number()])),
            9 => IndexQuery.Rows([.. Enumerable.Range(0, _random.Next(30)).Select(_ => Row()).Distinct().Order()]),
            10 => Pick([
                IndexQuery.All,
                IndexQuery.None,
                IndexQuery.Term("long", new string('長', 343)),
                IndexQuery.Term("path", "p1"),
            ]),
            11 => IndexQuery.Not(Query(depth + 1)),
            12 => IndexQuery.Or([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Query(depth + 1))]),
            13 => IndexQuery.Remembered(Query(depth + 1)),
            _ => IndexQuery.And([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Query(depth + 1))]),
        };

    IndexQuery Range()
    {
        double? End() => _random.Next(4) == 0 ? null : _random.Next(-3, 12);
        return IndexQuery.Range(Number(), End(), End(), _random.Next(2) == 0, _random.Next(2) == 0);
    }

    public IndexSort Sort() =>
        _random.Next(3) switch
        {
            0 => IndexSort.ByRow(_random.Next(2) == 0),
            1 => IndexSort.ByNumber(Number(), _random.Next(2) == 0),
            _ => IndexSort.ByTerm(Field(), _random.Next(2) == 0),
        };
}
