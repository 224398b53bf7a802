namespace Harima.Search.Index;

/// <summary>
/// Which of the dear parts of questions (phrases, wildcards, beginnings) were asked lately: what comes again is worth remembering for
/// everybody, what comes once is not.
/// </summary>
/// <param name="looked">So many parts back; 0 where nothing is remembered.</param>
sealed class OftenAsked(int looked = OftenAsked.Usual)
{
    const int Usual = 512;

    readonly Lock _lock = new();
    readonly Queue<string> _lately = new();
    readonly Dictionary<string, int> _times = new(StringComparer.Ordinal);

    /// <summary>Notes a question, and says which of its dear parts came before.</summary>
    public IReadOnlySet<string> Note(IndexQuery query)
    {
        var dear = new HashSet<string>(StringComparer.Ordinal);
        if (looked > 0)
            Gather(query, dear);
        if (dear.Count == 0)
            return dear;
        lock (_lock)
        {
            foreach (var part in dear.ToList())
            {
                var times = _times[part] = _times.GetValueOrDefault(part) + 1;
                _lately.Enqueue(part);
                if (times == 1)
                    dear.Remove(part);
            }
            while (_lately.Count > looked)
            {
                var oldest = _lately.Dequeue();
                if (--_times[oldest] == 0)
                    _times.Remove(oldest);
            }
        }
        return dear;
    }

    static void Gather(IndexQuery query, HashSet<string> dear)
    {
        switch (query)
        {
            case IndexQuery.AndQuery and:
                foreach (var operand in and.Operands)
                    Gather(operand, dear);
                break;
            case IndexQuery.OrQuery or:
                foreach (var operand in or.Operands)
                    Gather(operand, dear);
                break;
            case IndexQuery.NotQuery not:
                Gather(not.Operand, dear);
                break;
            default:
                if (query.WhatIsDear is { } part)
                    dear.Add(part);
                break;
        }
    }
}
