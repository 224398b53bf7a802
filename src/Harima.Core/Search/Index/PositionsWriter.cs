namespace Harima.Search.Index;

/// <summary>
/// Where a term stands in each of its documents, in their order: for each the length of what follows and the varint differences of its
/// positions. When there are more than 32 documents, the places of the 32nd, 64th … (from 0) stand before, u32.
/// </summary>
sealed class PositionsWriter : IDisposable
{
    readonly GrowingBytes _positions = new();
    readonly GrowingBytes _one = new();
    readonly GrowingBytes _whole = new();
    readonly Growing<int> _steps = new();
    int _documents;

    public void Begin()
    {
        _positions.Clear();
        _steps.Clear();
        _documents = 0;
    }

    /// <param name="positions">Ascending, each once.</param>
    public void Add(ReadOnlySpan<int> positions)
    {
        _one.Clear();
        var before = 0;
        foreach (var position in positions)
        {
            _one.AddVarint((ulong)(position - before));
            before = position;
        }
        AddEncoded(_one.Written);
    }

    public void AddEncoded(ReadOnlySpan<byte> positions)
    {
        if (_documents > 0 && _documents % SegmentFormat.PositionsStep == 0)
            _steps.Add(_positions.Length);
        _documents++;
        _positions.AddVarint((ulong)positions.Length);
        _positions.Add(positions);
    }

    public ReadOnlySpan<byte> Finish()
    {
        _whole.Clear();
        foreach (var step in _steps.Written)
            _whole.AddInt(step);
        _whole.Add(_positions.Written);
        return _whole.Written;
    }

    public void Dispose() => _steps.Dispose();
}
