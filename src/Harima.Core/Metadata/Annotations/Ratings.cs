using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata.Annotations;

/// <param name="Average">Null where nobody rated it.</param>
/// <param name="Mine">The caller's own; null where they gave none.</param>
public sealed record SequenceRating(double? Average, long Count, int? Mine);

/// <summary>How good people find the data of a sequence, in one to five stars; one from each who may read it.</summary>
public sealed class Ratings(CatalogueWriter writer, Database database, SequenceAccess access, TimeProvider time)
{
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<SequenceRating> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var stars = (
            await connection.QueryAsync<(string UserId, long Stars)>(
                "SELECT user_id, stars FROM sequence_rating WHERE sequence_row = @Row",
                new { view.Sequence.Row }
            )
        ).AsList();
        var mine = stars.FindIndex(rating => rating.UserId == principal.UserId);
        return new SequenceRating(
            stars.Count == 0 ? null : stars.Average(rating => rating.Stars),
            stars.Count,
            mine < 0 ? null : (int)stars[mine].Stars
        );
    }

    /// <param name="stars">1 to 5, or null to take it back.</param>
    /// <exception cref="FaultException">NotFound; Unauthenticated; Invalid.</exception>
    public async Task HandleAsync(
        string proposalId,
        string sequenceId,
        int? stars,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        if (principal.UserId is null)
            throw Fault.LoginNeeded();
        if (stars is < 1 or > 5)
            throw Fault.Invalid("rating", "A rating is 1 to 5 stars.");
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    stars is null
                        ? "DELETE FROM sequence_rating WHERE sequence_row = @Row AND user_id = @UserId"
                        : """
                        INSERT INTO sequence_rating (sequence_row, user_id, stars, at) VALUES (@Row, @UserId, @stars, @at)
                        ON CONFLICT (sequence_row, user_id) DO UPDATE SET stars = excluded.stars, at = excluded.at
                        """,
                    new
                    {
                        view.Sequence.Row,
                        principal.UserId,
                        stars,
                        at = time.Now(),
                    },
                    transaction
                ),
            cancellationToken
        );
    }
}
