using Harima.Faults;
using Harima.Metadata.Tables;
using Harima.Search;
using Microsoft.AspNetCore.Mvc;

namespace Harima.Portal.Metadata;

/// <summary>The table that the page of bulk changes gives out: its sequences are more than an address can name, so they come as a form.</summary>
static class BulkTable
{
    public static void MapBulkTable(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/metadata/bulk/table", WriteAsync).RequireAuthorization().ExcludeFromDescription();

    static async Task<IResult> WriteAsync(
        [FromForm(Name = "Names")] string? names,
        [FromForm(Name = "Format")] string format,
        [FromQuery(Name = "found")] string? found,
        [FromQuery(Name = "q")] string? question,
        Visitor visitor,
        MetadataTable table,
        EditFound edit,
        CancellationToken cancellationToken
    )
    {
        var contentType = TableFile.ContentTypeOf(format);
        var rows = await table.ExportAsync(
            visitor.Principal,
            found == "1"
                ? await edit.AllAsync(FindRequest.Of(question ?? ""), visitor.Principal, cancellationToken)
                : [.. NamesIn(names ?? "").Select(SequenceOf)],
            columns: null,
            cancellationToken
        );
        return Results.Stream(
            stream => TableFile.WriteAsync(stream, format, rows, cancellationToken),
            contentType,
            "metadata." + format
        );
    }

    public static IReadOnlyList<string> NamesIn(string text) =>
        [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];

    /// <exception cref="FaultException">Invalid for what names none.</exception>
    public static (string ProposalId, string SequenceId) SequenceOf(string name) =>
        name.Split('/') is [{ Length: > 0 } proposal, { Length: > 0 } sequence]
            ? (proposal, sequence)
            : throw Fault.Invalid("sequence-name", $"'{name}' names no sequence.", ("name", name));
}
