using System.Text.Json;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Samples;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Samples;

partial class SamplePage
{
    const int ChangesShown = 10;

    SampleView _view = null!;
    SampleText _about = null!;
    SampleTree _tree = null!;
    JsonElement _description;
    Page<SampleChange> _changes = new([], null);
    IReadOnlyList<IdentifierProblem> _slips = [];
    IReadOnlyDictionary<string, SchemaLabel>? _labels;

    [Inject]
    SampleQueries Samples { get; set; } = null!;

    [Inject]
    SampleFamily Family { get; set; } = null!;

    [Inject]
    PutSample Put { get; set; } = null!;

    [Inject]
    FollowSchema Follow { get; set; } = null!;

    [Inject]
    MetadataSchemas Schemas { get; set; } = null!;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    Sample Sample => _view.Sample;

    protected override async Task OnInitializedAsync()
    {
        _view = await Samples.GetAsync(Visitor.Principal, Id, Aborted);
        _about = SampleText.Of(Sample);
        _tree = await Family.OfAsync(Visitor.Principal, Id, Aborted);
        _changes = await Samples.ChangesAsync(Visitor.Principal, Id, Cursor, ChangesShown, Aborted);
        _slips = ChemicalIdentifiers.Check(Sample.Json);
        // A sample follows no schema of its own: it is read with the one it is written with.
        if (await Follow.SuggestAsync(Sample.ProposalId, "", MetadataKind.Sample, Aborted) is { } schema)
            _labels = SchemaFields.LabelsOf(Schemas.Parsed(schema));
        using var document = JsonDocument.Parse(Sample.Json);
        _description = document.RootElement.Clone();
    }

    async Task RestoreAsync(string json)
    {
        if (
            await TryAsync(() =>
                Put.ChangeAsync(Id, new PutSampleRequest(json, Version: Sample.Version), Visitor.Principal, Aborted)
            )
        )
            Navigation.NavigateTo($"/samples/{Sample.Id}?done=saved");
    }

    async Task DeleteAsync()
    {
        if (await TryAsync(() => Put.DeleteAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo(Address.Of("/samples", ("proposal", Sample.ProposalId), ("done", "deleted")));
    }
}
