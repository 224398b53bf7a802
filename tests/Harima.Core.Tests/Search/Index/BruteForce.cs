using System.Text;
using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

/// <summary>Every answer by looking at every document. What the index is compared with.</summary>
sealed class BruteForce(IEnumerable<IndexDocument> documents)
{
    readonly List<IndexDocument> _documents = [.. documents.OrderBy(document => document.Row)];

    public List<IndexDocument> Find(IndexQuery query) => _documents.FindAll(document => Fits(document, query));

    static bool Fits(IndexDocument document, IndexQuery query) =>
        query switch
        {
            IndexQuery.AllQuery => true,
            IndexQuery.NoneQuery => false,
            IndexQuery.TermQuery(var field, var term) => Terms(document, field).Contains(Cut(term)),
            IndexQuery.AnyOfQuery(var field, var terms) => Terms(document, field).Any(terms.Select(Cut).Contains),
            IndexQuery.PrefixQuery(var field, var prefix) => Terms(document, field)
                .Any(term => term.StartsWith(Cut(prefix), StringComparison.Ordinal)),
            IndexQuery.WildcardQuery(var field, var pattern) => Terms(document, field)
                .Any(term => Fits(term.EnumerateRunes().ToArray(), pattern.EnumerateRunes().ToArray())),
            IndexQuery.PhraseQuery(var field, var terms) => HasPhrase(document, field, terms),
            IndexQuery.RangeQuery range => Numbers(document, range.Field).Any(number => Lies(number, range)),
            IndexQuery.ExistsQuery(var field) => Terms(document, field).Any() || Numbers(document, field).Any(),
            IndexQuery.AndQuery(var operands) => operands.All(operand => Fits(document, operand)),
            IndexQuery.OrQuery(var operands) => operands.Any(operand => Fits(document, operand)),
            IndexQuery.NotQuery(var operand) => !Fits(document, operand),
            IndexQuery.RowsQuery(var rows) => rows.Contains(document.Row),
            IndexQuery.RememberedQuery(var operand) => Fits(document, operand),
            _ => throw new NotSupportedException(query.GetType().Name),
        };

    static bool Lies(double number, IndexQuery.RangeQuery range) =>
        (range.From is not { } from || (range.ExcludeFrom ? number > from : number >= from))
        && (range.To is not { } to || (range.ExcludeTo ? number < to : number <= to));

    static bool HasPhrase(IndexDocument document, string field, IReadOnlyList<PhraseTerm> phrase)
    {
        if (phrase.Count == 0)
            return false;
        var at = document
            .Terms.Where(term => term.Field == field && term.Position >= 0)
            .Select(term => (Cut(term.Term), (long)term.Position))
            .ToHashSet();
        return at.Any(start =>
            phrase.All(term => at.Contains((Cut(term.Term), start.Item2 - phrase[0].Offset + term.Offset)))
            && start.Item1 == Cut(phrase[0].Term)
        );
    }

    static bool Fits(ReadOnlySpan<Rune> term, ReadOnlySpan<Rune> pattern)
    {
        if (pattern.IsEmpty)
            return term.IsEmpty;
        if (pattern[0].Value == '*')
            return Fits(term, pattern[1..]) || (!term.IsEmpty && Fits(term[1..], pattern));
        if (term.IsEmpty)
            return false;
        if (pattern[0].Value == '?')
            return Fits(term[1..], pattern[1..]);
        if (pattern[0].Value == '\\' && pattern.Length > 1)
            pattern = pattern[1..];
        return term[0] == pattern[0] && Fits(term[1..], pattern[1..]);
    }

    static IEnumerable<string> Terms(IndexDocument document, string field) =>
        document.Terms.Where(term => term.Field == field).Select(term => Cut(term.Term)).Distinct();

    static IEnumerable<double> Numbers(IndexDocument document, string field) =>
        document
            .Numbers.Where(number => number.Field == field && double.IsFinite(number.Number))
            .Select(number => number.Number)
            .Distinct();

    /// <summary>As many whole characters as fit into the longest term.</summary>
    static string Cut(string term)
    {
        var length = 0;
        var bytes = 0;
        foreach (var rune in term.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > IndexTerm.MaxTermBytes)
                return term[..length];
            length += rune.Utf16SequenceLength;
        }
        return term;
    }

    public static IReadOnlyList<TermCount> Facet(List<IndexDocument> found, string field, int top) =>
        [
            .. Counts(found, field, "")
                .OrderByDescending(count => count.Documents)
                .ThenBy(count => Encoding.UTF8.GetBytes(count.Term), ByteOrder.Instance)
                .Take(top),
        ];

    public static IReadOnlyList<TermCount> Complete(List<IndexDocument> found, string field, string prefix, int top) =>
        [
            .. Counts(found, field, prefix)
                .OrderByDescending(count => count.Documents)
                .ThenBy(count => Encoding.UTF8.GetBytes(count.Term), ByteOrder.Instance)
                .Take(top),
        ];

    static IEnumerable<TermCount> Counts(List<IndexDocument> found, string field, string prefix) =>
        found
            .SelectMany(document => Terms(document, field))
            .Where(term => term.StartsWith(prefix, StringComparison.Ordinal))
            .CountBy(term => term)
            .Select(pair => new TermCount(pair.Key, pair.Value));

    public static long[] Histogram(List<IndexDocument> found, string field, IReadOnlyList<double> edges)
    {
        var counts = new long[Math.Max(0, edges.Count - 1)];
        foreach (var number in found.SelectMany(document => Numbers(document, field)))
            for (var bucket = 0; bucket < counts.Length; bucket++)
            {
                var last = bucket == counts.Length - 1;
                if (number >= edges[bucket] && (number < edges[bucket + 1] || (last && number == edges[bucket + 1])))
                    counts[bucket]++;
            }
        return counts;
    }

    public static NumberExtent? Extent(List<IndexDocument> found, string field)
    {
        var with = found.Where(document => Numbers(document, field).Any()).ToList();
        if (with.Count == 0)
            return null;
        return new NumberExtent(
            with.Min(document => Numbers(document, field).Min()),
            with.Max(document => Numbers(document, field).Max()),
            with.Count
        );
    }

    public static IReadOnlyList<IndexPoint> Points(List<IndexDocument> found, string x, string y, int max)
    {
        var both = found.FindAll(document => Numbers(document, x).Any() && Numbers(document, y).Any());
        var stride = Math.Max(1, (both.Count + max - 1) / Math.Max(1, max));
        return
        [
            .. both.Where((_, index) => index % stride == 0)
                .Select(document => new IndexPoint(
                    document.Row,
                    Numbers(document, x).Min(),
                    Numbers(document, y).Min()
                )),
        ];
    }

    public static IndexPage Page(List<IndexDocument> found, IndexSort sort, IndexCursor? after, int size)
    {
        var ordered = found
            .Select(document => Place(document, sort))
            .OrderBy(place => place, PlaceOrder(sort))
            .ToList();
        if (after is not null)
            ordered.RemoveAll(place => PlaceOrder(sort).Compare(place, after) <= 0);
        var page = ordered.Take(size).ToList();
        return new IndexPage(
            [.. page.Select(place => place.Row)],
            ordered.Count > size && page.Count > 0 ? page[^1] : null
        );
    }

    static IndexCursor Place(IndexDocument document, IndexSort sort)
    {
        if (sort.By == IndexSort.Kind.Number)
        {
            var numbers = Numbers(document, sort.Field).Order().ToList();
            return new IndexCursor(
                document.Row,
                numbers.Count == 0 ? null
                    : sort.Descending ? numbers[^1]
                    : numbers[0]
            );
        }
        if (sort.By == IndexSort.Kind.Term)
        {
            var terms = Terms(document, sort.Field).OrderBy(Encoding.UTF8.GetBytes, ByteOrder.Instance).ToList();
            return new IndexCursor(
                document.Row,
                Term: terms.Count == 0 ? null
                    : sort.Descending ? terms[^1]
                    : terms[0]
            );
        }
        return new IndexCursor(document.Row);
    }

    static Comparer<IndexCursor> PlaceOrder(IndexSort sort) =>
        Comparer<IndexCursor>.Create(
            (left, right) =>
            {
                var sign = sort.Descending ? -1 : 1;
                var (leftHas, rightHas) = (
                    left.Number is not null || left.Term is not null,
                    right.Number is not null || right.Term is not null
                );
                if (leftHas != rightHas)
                    return leftHas ? -1 : 1;
                var order =
                    left.Number is { } number ? number.CompareTo(right.Number!.Value)
                    : left.Term is { } term
                        ? ByteOrder.Instance.Compare(Encoding.UTF8.GetBytes(term), Encoding.UTF8.GetBytes(right.Term!))
                    : 0;
                return sign * (order != 0 ? order : left.Row.CompareTo(right.Row));
            }
        );

    sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
