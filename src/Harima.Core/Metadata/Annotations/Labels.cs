using System.Text;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata.Annotations;

public enum LabelKind
{
    /// <summary>Describes the data, for everyone who may read it.</summary>
    Keyword,

    /// <summary>How people sort their work: good, redo, for-paper.</summary>
    Tag,
}

public sealed record SequenceLabel
{
    public LabelKind Kind { get; init; }
    public required string Label { get; init; }
    public DateTimeOffset AddedAt { get; init; }
    public required string AddedBy { get; init; }
}

/// <summary>Keywords and tags of a sequence. They stand beside the data, so a closed sequence takes them too.</summary>
public sealed class Labels(
    CatalogueWriter writer,
    Database database,
    SequenceAccess access,
    Policy policy,
    Audit audit,
    TimeProvider time
)
{
    public const int MaxLength = 100;
    const int MaxLabels = 100;

    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<IReadOnlyList<SequenceLabel>> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<SequenceLabel>(
                "SELECT kind, label, added_at, added_by FROM sequence_label WHERE sequence_row = @Row ORDER BY kind, label",
                new { view.Sequence.Row }
            )
        ).AsList();
    }

    /// <summary>What is in use on sequences the caller may see, the most used first.</summary>
    public async Task<IReadOnlyList<string>> SuggestAsync(
        Principal principal,
        LabelKind kind,
        string text,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var parameters = new DynamicParameters();
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var condition = visible.SequenceCondition(database.Dialect, parameters);
        parameters.Add("kind", kind.ToString().ToLowerInvariant());
        parameters.Add("text", DialectSql.LikePattern(Folded(text)));
        parameters.Add("limit", limit);
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<string>(
                $"""
                SELECT l.label FROM sequence_label l JOIN sequence s ON s.row = l.sequence_row
                WHERE l.kind = @kind AND {database.Dialect.Contains("l.label", "@text")} AND {condition}
                GROUP BY l.label ORDER BY COUNT(*) DESC, l.label LIMIT @limit
                """,
                parameters
            )
        ).AsList();
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Invalid.</exception>
    public async Task<string> AddAsync(
        string proposalId,
        string sequenceId,
        LabelKind kind,
        string label,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        label = Folded(label);
        if (label.Length is 0 or > MaxLength || label.Any(char.IsControl))
            throw Fault.Invalid(
                "label",
                $"A keyword or tag has 1 to {MaxLength} characters in one line.",
                ("label", label)
            );
        var kindText = kind.ToString().ToLowerInvariant();
        await writer.WriteAsync(
            transaction =>
            {
                var count = transaction.Connection!.ExecuteScalar<long>(
                    "SELECT COUNT(*) FROM sequence_label WHERE sequence_row = @Row AND kind = @kindText",
                    new { view.Sequence.Row, kindText },
                    transaction
                );
                if (count >= MaxLabels)
                    throw Fault.Conflict("too-many-labels", $"A sequence has at most {MaxLabels} of these.");
                var added = transaction.Connection!.Execute(
                    """
                    INSERT INTO sequence_label (sequence_row, kind, label, added_at, added_by)
                    VALUES (@Row, @kindText, @label, @at, @Actor) ON CONFLICT DO NOTHING
                    """,
                    new
                    {
                        view.Sequence.Row,
                        kindText,
                        label,
                        at = time.Now(),
                        principal.Actor,
                    },
                    transaction
                );
                if (added > 0)
                    audit.Add(transaction, principal, $"{kindText}.added", view.Sequence.Ref, new { label });
            },
            cancellationToken
        );
        return label;
    }

    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task RemoveAsync(
        string proposalId,
        string sequenceId,
        LabelKind kind,
        string label,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        var kindText = kind.ToString().ToLowerInvariant();
        label = Folded(label);
        await writer.WriteAsync(
            transaction =>
            {
                var removed = transaction.Connection!.Execute(
                    "DELETE FROM sequence_label WHERE sequence_row = @Row AND kind = @kindText AND label = @label",
                    new
                    {
                        view.Sequence.Row,
                        kindText,
                        label,
                    },
                    transaction
                );
                if (removed > 0)
                    audit.Add(transaction, principal, $"{kindText}.removed", view.Sequence.Ref, new { label });
            },
            cancellationToken
        );
    }

    /// <summary>One way of writing: ＸＡＦＳ and XAFS are the same keyword, and so are two spaces and one.</summary>
    static string Folded(string label) =>
        string.Join(
            ' ',
            label.Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
}
