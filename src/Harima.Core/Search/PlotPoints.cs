using Harima.Identity;
using Harima.Sequences;

namespace Harima.Search;

/// <summary>One sequence in a plot of two of its numbers.</summary>
public sealed record PlotPoint(string ProposalId, string SequenceId, double X, double Y);

/// <param name="XUnit">As <see cref="Histogram.Unit"/>.</param>
/// <param name="IsSample">There are more than were asked for; these are evenly taken from all.</param>
public sealed record Plot(string XUnit, string YUnit, IReadOnlyList<PlotPoint> Points, bool IsSample);

/// <summary>One number of the sequences found against another; of several values of one sequence, the smallest.</summary>
public sealed class PlotPoints
{
    public const int Most = 5_000;

    readonly SearchSession _session;
    readonly SequenceQueries _sequences;

    internal PlotPoints(SearchSession session, SequenceQueries sequences) =>
        (_session, _sequences) = (session, sequences);

    /// <param name="x">A number field: a short name or a path of the metadata.</param>
    public async Task<Plot> HandleAsync(
        FindRequest request,
        string x,
        string y,
        int most,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        using var asked = await _session.AskAsync(request.Query, request.Text, principal, cancellationToken);
        var (across, up) = (NumberField.Of(x, asked), NumberField.Of(y, asked));
        var limit = Math.Clamp(most, 1, Most);
        var points = asked.Matches.Points(across.Index, up.Index, limit);
        var rows = (
            await _sequences.OfRowsAsync(asked.Rights, [.. points.Select(point => point.Row)], cancellationToken)
        ).ToDictionary(row => row.Row);
        return new Plot(
            across.Unit,
            up.Unit,
            [
                .. points
                    .Where(point => rows.ContainsKey(point.Row))
                    .Select(point => new PlotPoint(
                        rows[point.Row].ProposalId,
                        rows[point.Row].Id,
                        across.Shown(point.X),
                        up.Shown(point.Y)
                    )),
            ],
            points.Count == limit
        );
    }
}
