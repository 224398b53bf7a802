using System.Text.Json;
using Harima.Faults;
using Harima.Metadata;
using Harima.Metadata.Tables;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

partial class BulkPage
{
    const int MostShown = 100;
    const long MaxTableBytes = 32 << 20;

    static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    IReadOnlyList<EditOutcome>? _outcomes;
    IReadOnlyList<TableProblem> _problems = [];
    IReadOnlyList<BulkChange> _changes = [];

    /// <summary>What was previewed, to be sent back when it is to be done.</summary>
    string? _edits;

    [Inject]
    BulkEdit Bulk { get; set; } = null!;

    [Inject]
    MetadataTable Table { get; set; } = null!;

    /// <summary>Sequences, <c>proposal/sequence</c>.</summary>
    [SupplyParameterFromQuery(Name = "s")]
    string[]? Selected { get; set; }

    /// <summary>The selection is longer than an address may be: the browser has it.</summary>
    [SupplyParameterFromQuery(Name = "selection")]
    string? FromSelection { get; set; }

    /// <summary>How many were changed, or <c>undone</c>.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    IReadOnlyList<string> Names => Field("Names") is { } typed ? BulkTable.NamesIn(typed) : Selected ?? [];

    int Changing => _outcomes?.Count(outcome => outcome.Documents.Count > 0) ?? 0;

    /// <summary>After a preview; and while it is being sent, for a form that is not on the page cannot be submitted.</summary>
    bool Applies => _outcomes is null ? Field("Edits") is not null : _edits is not null && Changing > 0;

    protected override async Task OnInitializedAsync() => _changes = await Bulk.ListAsync(Visitor.Principal, Aborted);

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;

    Task PreviewAsync() =>
        TryAsync(async () =>
        {
            IReadOnlyList<SequenceEdit> edits;
            if (Field("What") == "table")
            {
                var imported = await Table.ReadAsync(Visitor.Principal, TableFile.Read(await UploadedAsync()), Aborted);
                (edits, _problems) = (imported.Edits, imported.Problems);
            }
            else
                edits = EditsOfValue();
            _outcomes = await Bulk.PreviewAsync(edits, Visitor.Principal, Aborted);
            _edits = JsonSerializer.Serialize(edits);
        });

    async Task ApplyAsync()
    {
        var edits = JsonSerializer.Deserialize<SequenceEdit[]>(Field("Edits") ?? "[]") ?? [];
        var summary = string.Join(
            ", ",
            edits.SelectMany(edit => edit.Edits).Select(edit => edit.Path).Distinct().Take(5)
        );
        BulkChange? change = null;
        if (
            await TryAsync(async () =>
                (change, _outcomes) = await Bulk.ApplyAsync(edits, summary, Visitor.Principal, Aborted)
            ) && _outcomes!.All(outcome => outcome.Refusal is null)
        )
            Navigation.NavigateTo(
                Address.Of(
                    "/metadata/bulk",
                    [
                        .. edits.Select(edit => ("s", (string?)$"{edit.ProposalId}/{edit.SequenceId}")).Take(200),
                        ("done", Show.Count(change?.Sequences ?? 0)),
                    ]
                )
            );
    }

    async Task UndoAsync(string id)
    {
        if (
            await TryAsync(async () => _outcomes = await Bulk.UndoAsync(id, Visitor.Principal, Aborted))
            && _outcomes!.All(outcome => outcome.Refusal is null)
        )
            Navigation.NavigateTo("/metadata/bulk?done=undone");
    }

    SequenceEdit[] EditsOfValue()
    {
        var kind = Enum.TryParse<MetadataKind>(Field("Kind"), out var known) ? known : MetadataKind.Measurement;
        var typed = (Field("Value") ?? "").Trim();
        var edit = new MetadataEdit(kind, (Field("Path") ?? "").Trim(), typed.Length == 0 ? null : JsonOf(typed));
        return
        [
            .. Names
                .Select(BulkTable.SequenceOf)
                .Select(name => new SequenceEdit(name.ProposalId, name.SequenceId, [edit])),
        ];
    }

    /// <summary>JSON as it is; anything else is the text that was meant.</summary>
    static string JsonOf(string typed)
    {
        try
        {
            using var document = JsonDocument.Parse(typed);
            return typed;
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(typed, AsWritten);
        }
    }

    async Task<byte[]> UploadedAsync()
    {
        var file = Context.Request.Form.Files.GetFile("Table");
        if (file is null || file.Length == 0)
            throw Fault.Invalid("table-missing", "Choose a table first.");
        if (file.Length > MaxTableBytes)
            throw new FaultException(FaultCode.TooLarge, "table-size", "A table has at most 32 MiB.");
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, Aborted);
        return bytes.ToArray();
    }
}
