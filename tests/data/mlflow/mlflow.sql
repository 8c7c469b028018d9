CREATE TABLE "experiments" (
	experiment_id INTEGER NOT NULL, 
	name VARCHAR(256) NOT NULL, 
	artifact_location VARCHAR(256), 
	lifecycle_stage VARCHAR(32), 
	creation_time BIGINT, 
	last_update_time BIGINT, 
	workspace VARCHAR(63) DEFAULT 'default' NOT NULL, 
	CONSTRAINT experiment_pk PRIMARY KEY (experiment_id), 
	CONSTRAINT experiments_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')), 
	CONSTRAINT uq_experiments_workspace_name UNIQUE (workspace, name)
);
CREATE TABLE "runs" (
	run_uuid VARCHAR(32) NOT NULL, 
	name VARCHAR(250), 
	source_type VARCHAR(20), 
	source_name VARCHAR(500), 
	entry_point_name VARCHAR(50), 
	user_id VARCHAR(256), 
	status VARCHAR(9), 
	start_time BIGINT, 
	end_time BIGINT, 
	source_version VARCHAR(50), 
	lifecycle_stage VARCHAR(20), 
	artifact_uri VARCHAR(200), 
	experiment_id INTEGER, deleted_time BIGINT, 
	CONSTRAINT run_pk PRIMARY KEY (run_uuid), 
	CONSTRAINT source_type CHECK (source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT')), 
	CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id), 
	CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED'))
);
CREATE TABLE "metrics" (
	"key" VARCHAR(250) NOT NULL, 
	value FLOAT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	run_uuid VARCHAR(32) NOT NULL, 
	step BIGINT DEFAULT '0' NOT NULL, 
	is_nan BOOLEAN DEFAULT '0' NOT NULL, 
	CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid), 
	CHECK (is_nan IN (0, 1))
);
CREATE TABLE "params" (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(8000) NOT NULL, 
	run_uuid VARCHAR(32) NOT NULL, 
	CONSTRAINT param_pk PRIMARY KEY ("key", run_uuid), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid)
);
CREATE TABLE "tags" (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(8000), 
	run_uuid VARCHAR(32) NOT NULL, 
	CONSTRAINT tag_pk PRIMARY KEY ("key", run_uuid), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid)
);
INSERT INTO "experiments" VALUES(0,'Default','/home/ada/mlruns/0','active',1795268781316,1795268781316,'default');
INSERT INTO "experiments" VALUES(1,'/Users/ada/digits','/home/ada/mlruns/1','active',1795268781338,1795268781338,'default');
INSERT INTO "experiments" VALUES(2,'other','/home/ada/mlruns/2','active',1795268781769,1795268781769,'default');
INSERT INTO "metrics" VALUES('train/loss',1.0,1767225600000,'3b7f77a3e0d04036bb688121e84b7250',0,0);
INSERT INTO "metrics" VALUES('train/loss',0.5,1767225601000,'3b7f77a3e0d04036bb688121e84b7250',1,0);
INSERT INTO "metrics" VALUES('train/loss',3.33333333333333314829e-01,1767225602000,'3b7f77a3e0d04036bb688121e84b7250',2,0);
INSERT INTO "metrics" VALUES('train/loss',0.25,1767225603000,'3b7f77a3e0d04036bb688121e84b7250',3,0);
INSERT INTO "metrics" VALUES('train/loss',0.2,1767225604000,'3b7f77a3e0d04036bb688121e84b7250',4,0);
INSERT INTO "metrics" VALUES('train/loss',1.66666666666666657414e-01,1767225605000,'3b7f77a3e0d04036bb688121e84b7250',5,0);
INSERT INTO "metrics" VALUES('train/loss',1.42857142857142849212e-01,1767225606000,'3b7f77a3e0d04036bb688121e84b7250',6,0);
INSERT INTO "metrics" VALUES('train/loss',0.125,1767225607000,'3b7f77a3e0d04036bb688121e84b7250',7,0);
INSERT INTO "metrics" VALUES('train/loss',1.11111111111111104943e-01,1767225608000,'3b7f77a3e0d04036bb688121e84b7250',8,0);
INSERT INTO "metrics" VALUES('train/loss',0.1,1767225609000,'3b7f77a3e0d04036bb688121e84b7250',9,0);
INSERT INTO "metrics" VALUES('train/loss',9.09090909090909116141e-02,1767225610000,'3b7f77a3e0d04036bb688121e84b7250',10,0);
INSERT INTO "metrics" VALUES('train/loss',8.33333333333333287074e-02,1767225611000,'3b7f77a3e0d04036bb688121e84b7250',11,0);
INSERT INTO "metrics" VALUES('train/loss',7.6923076923076927347e-02,1767225612000,'3b7f77a3e0d04036bb688121e84b7250',12,0);
INSERT INTO "metrics" VALUES('train/loss',7.14285714285714246063e-02,1767225613000,'3b7f77a3e0d04036bb688121e84b7250',13,0);
INSERT INTO "metrics" VALUES('train/loss',6.66666666666666657414e-02,1767225614000,'3b7f77a3e0d04036bb688121e84b7250',14,0);
INSERT INTO "metrics" VALUES('train/loss',0.0625,1767225615000,'3b7f77a3e0d04036bb688121e84b7250',15,0);
INSERT INTO "metrics" VALUES('train/loss',5.8823529411764705066e-02,1767225616000,'3b7f77a3e0d04036bb688121e84b7250',16,0);
INSERT INTO "metrics" VALUES('train/loss',5.55555555555555524716e-02,1767225617000,'3b7f77a3e0d04036bb688121e84b7250',17,0);
INSERT INTO "metrics" VALUES('train/loss',5.26315789473684181309e-02,1767225618000,'3b7f77a3e0d04036bb688121e84b7250',18,0);
INSERT INTO "metrics" VALUES('train/loss',0.05,1767225619000,'3b7f77a3e0d04036bb688121e84b7250',19,0);
INSERT INTO "metrics" VALUES('acc',0.0,1767225600005,'3b7f77a3e0d04036bb688121e84b7250',0,0);
INSERT INTO "metrics" VALUES('acc',0.25,1767225605005,'3b7f77a3e0d04036bb688121e84b7250',5,0);
INSERT INTO "metrics" VALUES('acc',0.5,1767225610005,'3b7f77a3e0d04036bb688121e84b7250',10,0);
INSERT INTO "metrics" VALUES('acc',0.75,1767225615005,'3b7f77a3e0d04036bb688121e84b7250',15,0);
INSERT INTO "metrics" VALUES('odd',0.0,1767225619000,'3b7f77a3e0d04036bb688121e84b7250',0,1);
INSERT INTO "metrics" VALUES('odd',1.79769313486231562234e+308,1767225619000,'3b7f77a3e0d04036bb688121e84b7250',1,0);
INSERT INTO "metrics" VALUES('odd',-1.79769313486231562234e+308,1767225619000,'3b7f77a3e0d04036bb688121e84b7250',2,0);
INSERT INTO "metrics" VALUES('system/cpu',50.0,1767225600000,'3b7f77a3e0d04036bb688121e84b7250',0,0);
INSERT INTO "metrics" VALUES('system/cpu',51.0,1767225610000,'3b7f77a3e0d04036bb688121e84b7250',1,0);
INSERT INTO "metrics" VALUES('again',1.0,1767225600000,'3b7f77a3e0d04036bb688121e84b7250',3,0);
INSERT INTO "metrics" VALUES('again',2.0,1767225600001,'3b7f77a3e0d04036bb688121e84b7250',3,0);
INSERT INTO "metrics" VALUES('early',5.0,1767225600000,'3b7f77a3e0d04036bb688121e84b7250',-1,0);
INSERT INTO "metrics" VALUES('loss',0.5,1767225600000,'88193fdd743f4980b403555a33ed55f0',0,0);
INSERT INTO "params" VALUES('lr','0.1','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "params" VALUES('layers','[1, 2]','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "params" VALUES('opt','adam','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "params" VALUES('deep','{''a'': None}','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "params" VALUES('zip','007','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "params" VALUES('bias','True','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "runs" VALUES('3fe58cc0d5094dfb8bc47f5f17a57d8d','grid','UNKNOWN','','','unknown','FAILED',1767225600000,1767225800000,'','active','/home/ada/mlruns/1/3fe58cc0d5094dfb8bc47f5f17a57d8d/artifacts',1,NULL);
INSERT INTO "runs" VALUES('3b7f77a3e0d04036bb688121e84b7250','first try','UNKNOWN','','','unknown','FINISHED',1767225600000,1767225700000,'','active','/home/ada/mlruns/1/3b7f77a3e0d04036bb688121e84b7250/artifacts',1,NULL);
INSERT INTO "runs" VALUES('f79aa6b91fcd49ad8cb04d5bfa8d18c6','gone','UNKNOWN','','','unknown','RUNNING',1767225600000,NULL,'','deleted','/home/ada/mlruns/1/f79aa6b91fcd49ad8cb04d5bfa8d18c6/artifacts',1,1795268781755);
INSERT INTO "runs" VALUES('88193fdd743f4980b403555a33ed55f0','still going','UNKNOWN','','','unknown','RUNNING',1767225600000,NULL,'','active','/home/ada/mlruns/2/88193fdd743f4980b403555a33ed55f0/artifacts',2,NULL);
INSERT INTO "tags" VALUES('mlflow.note.content','# a *grid*','3fe58cc0d5094dfb8bc47f5f17a57d8d');
INSERT INTO "tags" VALUES('mlflow.runName','grid','3fe58cc0d5094dfb8bc47f5f17a57d8d');
INSERT INTO "tags" VALUES('mlflow.parentRunId','3fe58cc0d5094dfb8bc47f5f17a57d8d','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "tags" VALUES('mlflow.source.name','train.py','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "tags" VALUES('mlflow.source.git.commit','c0ffee','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "tags" VALUES('mlflow.runName','first try','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "tags" VALUES('team','vision','3b7f77a3e0d04036bb688121e84b7250');
INSERT INTO "tags" VALUES('mlflow.runName','gone','f79aa6b91fcd49ad8cb04d5bfa8d18c6');
INSERT INTO "tags" VALUES('mlflow.runName','still going','88193fdd743f4980b403555a33ed55f0');
