"""Which types a skops archive may name, reviewed one by one: what they do when they are made and when they predict.

Left out on purpose: functions and methods of any kind, and estimators whose compiled code trusts arrays of the file
(support vectors, neighbours, kernels). Trees are on the list, and their nodes are checked before they are used. A new
release of scikit-learn is reviewed before its number is written here.
"""

REVIEWED = "1.9.1"
_LOADERS = """
DTypeNode DictNode JsonNode ListNode LossNode NdArrayNode ObjectNode RandomGeneratorNode RandomStateNode SliceNode
TreeNode TupleNode TypeNode
"""
# Module, then the classes of it.
_REVIEWED_TYPES = """
builtins: dict list slice str tuple
numpy: bool dtype float32 float64 int32 int64 ndarray uint64
numpy.random._generator: Generator
numpy.random._mt19937: MT19937
numpy.random._pcg64: PCG64
numpy.random.mtrand: RandomState
sklearn._loss._loss: CyAbsoluteError CyHalfBinomialLoss CyHalfGammaLoss CyHalfPoissonLoss CyHalfSquaredError
    CyHalfTweedieLoss CyHalfTweedieLossIdentity CyPinballLoss
sklearn._loss.link: IdentityLink Interval LogLink LogitLink
sklearn._loss.loss: AbsoluteError HalfBinomialLoss HalfGammaLoss HalfPoissonLoss HalfSquaredError HalfTweedieLoss
    HalfTweedieLossIdentity PinballLoss
sklearn.calibration: CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration
sklearn.compose._column_transformer: ColumnTransformer make_column_selector
sklearn.decomposition._pca: PCA
sklearn.discriminant_analysis: LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis
sklearn.dummy: DummyClassifier DummyRegressor
sklearn.ensemble._bagging: BaggingClassifier BaggingRegressor
sklearn.ensemble._forest: ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor
sklearn.ensemble._gb: GradientBoostingClassifier GradientBoostingRegressor
sklearn.ensemble._hist_gradient_boosting.binning: _BinMapper
sklearn.ensemble._hist_gradient_boosting.gradient_boosting: HistGradientBoostingClassifier
    HistGradientBoostingRegressor
sklearn.ensemble._hist_gradient_boosting.predictor: TreePredictor
sklearn.ensemble._voting: VotingClassifier VotingRegressor
sklearn.ensemble._weight_boosting: AdaBoostClassifier AdaBoostRegressor
sklearn.feature_selection._variance_threshold: VarianceThreshold
sklearn.impute._base: MissingIndicator SimpleImputer
sklearn.isotonic: IsotonicRegression
sklearn.linear_model._base: LinearRegression
sklearn.linear_model._bayes: BayesianRidge
sklearn.linear_model._coordinate_descent: ElasticNet ElasticNetCV Lasso LassoCV
sklearn.linear_model._glm.glm: GammaRegressor PoissonRegressor TweedieRegressor
sklearn.linear_model._huber: HuberRegressor
sklearn.linear_model._logistic: LogisticRegression LogisticRegressionCV
sklearn.linear_model._perceptron: Perceptron
sklearn.linear_model._ridge: Ridge RidgeCV RidgeClassifier
sklearn.linear_model._sgd_fast: Hinge
sklearn.linear_model._stochastic_gradient: SGDClassifier SGDRegressor
sklearn.naive_bayes: BernoulliNB GaussianNB MultinomialNB
sklearn.neural_network._multilayer_perceptron: MLPClassifier MLPRegressor
sklearn.neural_network._stochastic_optimizers: AdamOptimizer SGDOptimizer
sklearn.pipeline: Pipeline
sklearn.preprocessing._data: Binarizer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer QuantileTransformer
    RobustScaler StandardScaler
sklearn.preprocessing._discretization: KBinsDiscretizer
sklearn.preprocessing._encoders: OneHotEncoder OrdinalEncoder
sklearn.preprocessing._function_transformer: FunctionTransformer
sklearn.preprocessing._label: LabelBinarizer LabelEncoder
sklearn.preprocessing._polynomial: PolynomialFeatures
sklearn.tree._classes: DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor
sklearn.tree._tree: Tree
sklearn.utils._bunch: Bunch
"""


def _by_name() -> frozenset[str]:
    """The list as full names."""
    names: set[str] = set()
    module = ""
    for word in _REVIEWED_TYPES.split():
        module, names = (word[:-1], names) if word.endswith(":") else (module, names | {f"{module}.{word}"})
    return frozenset(names)


LOADERS = frozenset(_LOADERS.split())
TYPES = _by_name()
