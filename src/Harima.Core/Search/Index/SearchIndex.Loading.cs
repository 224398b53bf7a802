namespace Harima.Search.Index;

public sealed partial class SearchIndex
{
    /// <summary>For all of a catalogue, after <see cref="Clear"/>; one for each thread.</summary>
    public IndexLoad BeginLoad() => new(this, _settings.ChunkDocuments);

    /// <summary>Writes what a load collected, and has it found.</summary>
    internal void Take(SegmentBuilder builder)
    {
        long number;
        lock (_writing)
            number = _next++;
        _settings.BeforeStep("write segments");
        builder.WriteTo(PathOf(number));
        var segment = Segment.Open(PathOf(number), number);
        lock (_writing)
        {
            try
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                var taken = new SegmentState(segment, null, segment.Documents);
                Commit(_state with { Segments = [.. _state.Segments, taken], NextNumber = _next });
            }
            catch
            {
                ReleaseUnlessCommitted(segment);
                throw;
            }
        }
        Merge();
    }
}
