namespace Harima.Search.Index;

/// <param name="Deleted">Never changed once it is here; null for none.</param>
/// <param name="Live">Documents that are not deleted.</param>
sealed record SegmentState(Segment Segment, DocumentSet? Deleted, int Live);

/// <summary>What a search sees.</summary>
sealed record IndexState(IReadOnlyList<SegmentState> Segments, long Position, long NextNumber)
{
    public static readonly IndexState Empty = new([], SearchIndex.NoPosition, 1);

    public long Documents => Segments.Sum(state => (long)state.Live);
}
