using Harima.Catalogue;
using Harima.Mail;
using Harima.Metadata;
using Harima.Search.Feed;
using Harima.Search.Saved;
using Harima.Sequences;
using Harima.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Search;

static class SearchSetup
{
    public static void AddSearch(this IServiceCollection services)
    {
        services.AddSingleton<KnownPaths>();
        services.AddSingleton<SearchMarks>().AddSingleton<FollowedSchemas>().AddSingleton<SequenceReading>();
        services.AddSingleton(provider => new SearchFeed(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<SearchMarks>(),
            provider.GetRequiredService<SequenceReading>(),
            provider.GetRequiredService<KnownPaths>(),
            provider.GetRequiredService<IOptions<SearchOptions>>(),
            provider.GetRequiredService<IOptions<DataOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SearchFeed>>()
        ));
        services.AddHostedService<SearchWorker>();
        services
            .AddSingleton<SearchReach>()
            .AddSingleton<SearchSession>()
            .AddSingleton<SearchColumns>()
            .AddSingleton<FacetLabels>();
        services.AddSingleton(provider => new FindSequences(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<SearchColumns>(),
            provider.GetRequiredService<FacetLabels>()
        ));
        services.AddSingleton(provider => new CompleteQuery(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<FacetLabels>()
        ));
        services.AddSingleton(provider => new ExplainNothing(provider.GetRequiredService<SearchSession>()));
        services.AddSingleton<ColumnSets>();
        services.AddSingleton(provider => new ListSequences(
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<Database>()
        ));
        services.AddSingleton(provider => new PlotPoints(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>()
        ));
        services.AddSingleton(provider => new RelatedSequences(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceAccess>(),
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<SequenceReading>(),
            provider.GetRequiredService<KnownPaths>()
        ));
        services.AddSingleton(provider => new ExportSequences(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<FindSequences>()
        ));
        services.AddSingleton<SearchHealth>();
        services.AddSingleton<WebhookAddress>().AddSingleton<ToldSearches>().AddSingleton<WatchSearches>();
        services.AddSingleton(provider => new SavedSearches(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<CatalogueWriter>(),
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<WebhookAddress>(),
            provider.GetRequiredService<SendMail>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new SearchNotices(
            provider.GetRequiredService<SavedSearches>(),
            provider.GetRequiredService<WatchSearches>(),
            provider.GetRequiredService<ToldSearches>(),
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new EditFound(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<BulkEdit>(),
            provider.GetRequiredService<LargeEdits>()
        ));
        services.AddSingleton(provider => new WorkKind(
            WatchSearches.LookQueue,
            (item, cancellationToken) => provider.GetRequiredService<WatchSearches>().LookAsync(item, cancellationToken)
        ));
        services.AddSingleton(provider => new WorkKind(
            WatchSearches.TellQueue,
            (item, cancellationToken) => provider.GetRequiredService<WatchSearches>().TellAsync(item, cancellationToken)
        ));
    }
}
