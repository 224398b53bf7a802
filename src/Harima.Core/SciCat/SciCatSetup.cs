using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Sequences;
using Microsoft.Extensions.DependencyInjection;

namespace Harima.SciCat;

static class SciCatSetup
{
    public static void AddSciCat(this IServiceCollection services)
    {
        services
            .AddSingleton<DatasetDocuments>()
            .AddSingleton<NameDatasets>()
            .AddSingleton(provider => provider.GetRequiredService<NameDatasets>().Work)
            .AddSingleton<DatasetSelection>()
            .AddSingleton<DatasetIncludes>()
            .AddSingleton<DatasetFiles>()
            .AddSingleton<DatasetAttachments>()
            .AddSingleton<DatasetCredentials>()
            .AddSingleton<RegisterDataset>()
            .AddSingleton<Instruments>()
            .AddSingleton<ProposalDocuments>()
            .AddSingleton<SampleDocuments>()
            .AddSingleton<UserDocuments>();
        services.AddSingleton(provider => new DatasetQueries(
            provider.GetRequiredService<DatasetSelection>(),
            provider.GetRequiredService<DatasetDocuments>(),
            provider.GetRequiredService<DatasetIncludes>(),
            provider.GetRequiredService<SequenceAccess>()
        ));
        services.AddSingleton(provider => new DatasetBlocks(
            provider.GetRequiredService<DatasetSelection>(),
            provider.GetRequiredService<DatasetFiles>()
        ));
        services.AddSingleton(provider => new ChangeDataset(
            provider.GetRequiredService<CatalogueWriter>(),
            provider.GetRequiredService<SequenceAccess>(),
            provider.GetRequiredService<DatasetDocuments>(),
            provider.GetRequiredService<SetMetadata>(),
            provider.GetRequiredService<MetadataQueries>(),
            provider.GetRequiredService<Labels>(),
            provider.GetRequiredService<SequenceSamples>(),
            provider.GetRequiredService<ShareSequence>(),
            provider.GetRequiredService<DeleteSequence>(),
            provider.GetRequiredService<TimeProvider>()
        ));
    }
}
